"""`python -m media.video.child NICENESS MEMORY_BYTES CPU_SECONDS FILE_BYTES PROGRAM ARGUMENT…`: bounds itself, then
becomes the program.

The limits hold whatever becomes of the server, and on Linux the child goes when its server does.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1


def main() -> None:
    niceness, memory_bytes, cpu_seconds, file_bytes = (int(argument) for argument in sys.argv[1:5])
    parent = os.getppid()
    os.nice(niceness)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))
    # macOS does not know a limit of the address space.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)
    os.execv(sys.argv[5], sys.argv[5:])  # noqa: S606 - there is no shell, and the arguments are ours


if __name__ == "__main__":
    main()
