"""usage: launch.py FIRST_FD,... PROGRAM ARGUMENT...

Hands sockets over as systemd does: descriptors 3 and up, and LISTEN_PID is the process that takes them.
"""

import fcntl
import os
import sys

FIRST = 3


def main() -> None:
    given = [int(word) for word in sys.argv[1].split(",")]
    aside = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 100) for fd in given]
    for index, fd in enumerate(aside):
        os.dup2(fd, FIRST + index, inheritable=True)
    for fd in given:
        if fd >= FIRST + len(aside):
            os.close(fd)
    os.environ["LISTEN_PID"] = str(os.getpid())
    os.environ["LISTEN_FDS"] = str(len(aside))
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
