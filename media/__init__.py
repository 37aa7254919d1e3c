"""Pixels and files: what a photograph is, what is made of it, where it is kept.

An independent library: no database, no HTTP, nothing of the floors above. What others build on:

    media.errors    MediaError(reason)          the file is refused; `reason` is a sentence for a person (422)
                    MediaBusy                   too many pictures wait already (503, try again)
                    MediaFailure                our own fault: disk full, a worker that does not start (500)
    media.probe     probe(path | bytes, limits) -> Probe    what a file is, by content, without decoding
                    Limits(max_bytes, max_pixels, max_dimension, …)
    media.variants  ProcessedPhoto, Variant, CameraFacts, Location    plain frozen values
                    EXTENSIONS: media type → file name ending
    media.pool      MediaPool(workers=…, …)     await pool.process_photo(source, out_dir, limits) -> ProcessedPhoto
                                                await pool.process_avatar(…) / process_header(…) -> Variant
                                                await pool.close()
    media.image     the same three functions, synchronous; only the worker process calls them (imports Pillow)
    media.animations    animation_of(path) -> Animation | None   whether a picture moves, and how long
    media.video     films and recordings (see there)
    media.edits     recipes for photographs, filters, previews (see there)
    media.storage   open_storage(url_or_path, base_url=…) -> Storage
                    await put_file(path, media_type, private=False) -> key, read, stream, delete, exists, url, …;
                    originals go in with private=True: they still carry where they were taken
    media.drawn     draw_picture(seed, width, height) -> bytes (JPEG)
    media.placeholder   blurhash of a tiny picture

`errors`, `probe`, `variants`, `pool` and `storage` are light: they import no Pillow, so that a server
process that never touches a pixel does not pay for it.
"""
