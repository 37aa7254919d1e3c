"""Streams: what happens is told at once to whoever has one open, as server-sent events or over a WebSocket.

`entrance` answers in front of the framework, `channels` says what can be subscribed to, `streams` keeps who has what
open, `telling` turns events of the bus into messages. An idle stream is one waiting coroutine and a few small objects.
"""
