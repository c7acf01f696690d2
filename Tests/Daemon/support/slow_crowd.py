"""usage: slow_crowd.py PORT COUNT: clients that send a byte of an endless head each second, until killed."""

import resource
import socket
import sys
import time

SLICES = 100


def main() -> None:
    port, count = int(sys.argv[1]), int(sys.argv[2])
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    crowd = []
    for _ in range(count):
        sock = socket.create_connection(("127.0.0.1", port))
        sock.sendall(b"GET /livez HTTP/1.1\r\nX-Slow: ")
        crowd.append(sock)
    print("ready", flush=True)
    due = time.monotonic()
    while True:
        for slice in range(SLICES):
            for sock in crowd[slice::SLICES]:
                sock.sendall(b"x")
            due += 1 / SLICES
            time.sleep(max(0, due - time.monotonic()))


if __name__ == "__main__":
    main()
