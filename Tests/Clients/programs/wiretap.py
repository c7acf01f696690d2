"""A listener between a client and the daemon that keeps what the client was told."""

import contextlib
import socket
import threading


class Wiretap:
    def __init__(self, port: int, word: bytes):
        self.word = word
        self.said = threading.Event()
        """Set once the client was told the word."""
        self.daemon = ("127.0.0.1", port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.heard = b""
        self.sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for sock in self.sockets:
            sock.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                daemon = socket.create_connection(self.daemon)
                self.sockets += [client, daemon]
                threading.Thread(target=self._copy, args=(client, daemon, False), daemon=True).start()
                threading.Thread(target=self._copy, args=(daemon, client, True), daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket, keeps: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                if keeps:
                    self.heard += data
                    if self.word in self.heard:
                        self.said.set()
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
