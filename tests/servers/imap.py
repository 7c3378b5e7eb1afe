"""A real IMAP server (Twisted's) on loopback, over a Maildir: `python -m tests.servers.imap`.

The Maildir is the test's to fill and to look at. While a file `hang` stands
beside it, the server takes the order to mark a mail and never answers.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from tests.servers.processes import free_port

USER, PASSWORD = "bounces", "a secret: with / signs"
_FLAGS = {"S": "\\Seen", "F": "\\Flagged"}


@dataclass(frozen=True, slots=True)
class ImapServer:
    port: int
    directory: Path

    @property
    def url(self) -> str:
        from urllib.parse import quote

        return f"imap://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{self.port}/INBOX"

    @property
    def hang(self) -> Path:
        return self.directory / "hang"

    def put(self, *mails: bytes) -> None:
        for mail in mails:
            count = len(_files(self.directory))
            (self.directory / "new" / f"{count:04d}.{time.time_ns()}").write_bytes(mail)

    def clear(self) -> None:
        self.hang.unlink(missing_ok=True)
        for file in _files(self.directory):
            file.unlink()

    def flags(self) -> list[str]:
        """Return the flags of every mail, in the order of arrival."""
        return [_letters(file) for file in _files(self.directory)]


def _files(directory: Path) -> list[Path]:
    """Return the mails of a Maildir by arrival; not by `mailbox`, which parses each of them."""
    found = [file for part in ("new", "cur") for file in (directory / part).iterdir()]
    return sorted(found, key=lambda file: file.name)


def _letters(file: Path) -> str:
    return file.name.partition(":2,")[2]


@contextmanager
def imap_server(directory: Path) -> Iterator[ImapServer]:
    server = ImapServer(free_port(), directory)
    for part in ("new", "cur", "tmp"):
        (directory / part).mkdir()
    command = [sys.executable, "-m", "tests.servers.imap", str(server.port), str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            said = process.stdout.readline() if process.stdout else ""
            if said.strip() != "ready":
                raise RuntimeError("the IMAP server did not start")
            yield server
        finally:
            process.kill()


def serve(port: int, directory: Path) -> None:
    from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
    from twisted.cred.portal import IRealm, Portal
    from twisted.internet import defer, protocol, reactor
    from twisted.mail import imap4
    from zope.interface import implementer

    @implementer(imap4.IMessage, imap4.IMessageFile)
    class Message:
        def __init__(self, uid: int, file: Path) -> None:
            self.uid, self.file = uid, file

        def getUID(self) -> int:
            return self.uid

        def getFlags(self) -> list[str]:
            return [_FLAGS[letter] for letter in _letters(self.file)]

        def getInternalDate(self) -> str:
            return "Mon, 02 Nov 2026 10:00:00 +0000"

        def open(self) -> BytesIO:
            return BytesIO(self.file.read_bytes())

        getBodyFile = open

        def getSize(self) -> int:
            return self.file.stat().st_size

        def getHeaders(self, negate: bool, *names: str) -> dict[str, str]:
            return {}

        def isMultipart(self) -> bool:
            return False

        def getSubPart(self, part: int) -> Any:
            raise TypeError("no parts here")

    @implementer(imap4.IMailbox)
    class Inbox:
        def _messages(self) -> list[Message]:
            files = enumerate(_files(directory), start=1)
            return [Message(number, file) for number, file in files]

        def _chosen(self, wanted: Any) -> dict[int, Message]:
            found = self._messages()
            if not wanted.last:  # "5:*" is until the last one
                wanted.last = len(found)
            return {message.uid: message for message in found if message.uid in wanted}

        def fetch(self, messages: Any, uid: bool) -> list[tuple[int, Message]]:
            return list(self._chosen(messages).items())

        def store(self, messages: Any, flags: list[str], mode: int, uid: bool) -> Any:
            if (directory / "hang").exists():
                return defer.Deferred()
            letters = "".join(letter for letter, flag in _FLAGS.items() if flag in flags)
            for message in self._chosen(messages).values():
                name = message.file.name.partition(":")[0]
                message.file.rename(directory / "cur" / f"{name}:2,{letters}")
            return {each.uid: each.getFlags() for each in self._chosen(messages).values()}

        def getFlags(self) -> list[str]:
            return list(_FLAGS.values())

        def getHierarchicalDelimiter(self) -> str:
            return "/"

        def getUIDValidity(self) -> int:
            return 1

        def getUIDNext(self) -> int:
            return self.getMessageCount() + 1

        def getUID(self, message: int) -> int:
            return message

        def getMessageCount(self) -> int:
            return len(_files(directory))

        def getRecentCount(self) -> int:
            return 0

        def getUnseenCount(self) -> int:
            return len(_files(directory))

        def isWriteable(self) -> bool:
            return True

        def addListener(self, listener: Any) -> None: ...

        def removeListener(self, listener: Any) -> None: ...

    class Account(imap4.MemoryAccount):
        def _emptyMailbox(self, name: str, id: int) -> Inbox:
            return Inbox()

    @implementer(IRealm)
    class Realm:
        def requestAvatar(self, user: bytes, mind: Any, *interfaces: Any) -> Any:
            account = Account(user.decode())
            account.addMailbox("INBOX")
            return imap4.IAccount, account, lambda: None

    users = InMemoryUsernamePasswordDatabaseDontUse()
    users.addUser(USER.encode(), PASSWORD.encode())
    portal = Portal(Realm(), [users])

    class Factory(protocol.Factory):
        def buildProtocol(self, address: Any) -> Any:
            server = imap4.IMAP4Server()
            server.portal = portal
            return server

    reactor.listenTCP(port, Factory(), interface="127.0.0.1")  # type: ignore[attr-defined]
    reactor.callWhenRunning(lambda: print("ready", flush=True))  # type: ignore[attr-defined]
    reactor.run()  # type: ignore[attr-defined]


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))
