"""Films and recordings: what one is, what is made of it, and the bounded processes that make it.

    media.video.containers  container_of(head) -> Container | None     by the first bytes; decodes nothing
    media.video.facts       FilmFacts, FilmLimits, FilmEdits           plain frozen values
    media.video.reading     probe, poster, sound                       PyAV; only the media worker calls them
    media.video.unrolling   animated WebP, PNG and AVIF as films       Pillow and PyAV; only the media worker calls it
    media.video.workers     all of these, asked of a MediaPool
    media.video.looks       draw_look: a recipe's colours as files for ffmpeg
    media.video.orders      what ffmpeg is told: argument lists, pure
    media.video.ffmpeg      run(…): ffmpeg in a child process with limits, progress, cancellation
    media.video.studio      develop_film(…) -> FinishedFilm            all of it, one after the other
    media.video.playlists   HLS playlists whose addresses are those of our files
    media.video.captions    WebVTT, checked and written anew

Two decoders see a file: PyAV in a media worker (what it is, and pictures of it), ffmpeg in a child of its own (the
work). Neither runs in the server, neither can reach the network or another file.
"""
