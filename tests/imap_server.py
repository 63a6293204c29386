"""A real IMAP server on loopback, Dovecot, over TLS, with one mailbox, for the time of a test; needs no service."""

import grp
import os
import pwd
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import trustme
from pytest import MonkeyPatch

from tests import processes
from tests.processes import free_port, listens

HINT = "Dovecot is not on this machine: apt-get install dovecot-imapd (no service is needed)"
USER, PASSWORD = "забота@shop.example", "imap pass-w0rd ключ"
CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
ssl_dh =
mail_location = maildir:{folder}/mail
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
disable_plaintext_auth = yes
auth_mechanisms = plain
auth_username_chars =
passdb {{
  driver = passwd-file
  args = scheme=plain username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
  }}
}}
service anvil {{
  chroot =
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {auth_port}
  }}
}}
namespace inbox {{
  inbox = yes
}}
"""


@dataclass
class ImapServer:
    """`auth_port`: where a server for outgoing mail asks it about names and passwords."""

    folder: Path
    address: str
    process: int
    auth_port: int

    def deliver(self, name: str, message: bytes) -> None:
        """Into the inbox, as new; messages get their numbers in the order of their names when the mailbox is opened."""
        file = self.folder / "mail" / "new" / name
        file.write_bytes(message)
        # A command that ran in this process may have forbidden others to read new files, and Dovecot reads as somebody else.
        owner = self.folder.stat()
        os.chown(file, owner.st_uid, owner.st_gid)

    def sign_ins(self) -> int:
        return self._said().count("Login: user=")

    def is_left(self) -> bool:
        """Whether every session has ended; waits a moment for the server to notice."""
        return any(
            self._said().count("Disconnected") >= self.sign_ins() or time.sleep(0.1) for _ in range(50)
        )

    def end_sessions(self) -> None:
        """As a server that calls them idle."""
        for process in psutil.Process(self.process).children(recursive=True):
            if process.name() == "imap":
                process.kill()
                process.wait(10)

    def _said(self) -> str:
        return (self.folder / "log").read_text("utf-8", "replace")

    def new_ones(self) -> int:
        """How many messages nobody has marked as seen: `S` stands among the flags of the others."""
        files = [*(self.folder / "mail" / "new").iterdir(), *(self.folder / "mail" / "cur").iterdir()]
        return sum("S" not in file.name.partition(":2,")[2] for file in files)


@contextmanager
def imap_server(monkeypatch: MonkeyPatch, user: str = USER, password: str = PASSWORD) -> Iterator[ImapServer]:
    """Its authority is trusted by this process and its children, by SSL_CERT_FILE."""
    folder, port, auth_port = Path(tempfile.mkdtemp(prefix="otklik-imap-")), free_port(), free_port()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(folder / "server.key")
    issued.cert_chain_pems[0].write_to_path(folder / "server.pem")
    owner = _unprivileged()
    (folder / "state").mkdir()
    for name in ("new", "cur", "tmp"):
        (folder / "mail" / name).mkdir(parents=True)
    (folder / "users").write_text(f"{user}:{password}\n", "utf-8")
    group = grp.getgrgid(owner.pw_gid).gr_name
    facts = {
        "folder": folder,
        "port": port,
        "auth_port": auth_port,
        "user": owner.pw_name,
        "group": group,
        "uid": owner.pw_uid,
        "gid": owner.pw_gid,
    }
    (folder / "dovecot.conf").write_text(CONFIGURATION.format(**facts))
    for path in (folder, *folder.rglob("*")):
        if os.geteuid() == 0:
            os.chown(path, owner.pw_uid, owner.pw_gid)
    program = shutil.which("dovecot") or "/usr/sbin/dovecot"
    server = (program, "-F", "-c", str(folder / "dovecot.conf"))
    try:
        with processes.running(*server, is_ready=lambda: listens(port), cwd="/") as started:
            monkeypatch.setenv("SSL_CERT_FILE", str(folder / "authority.pem"))
            yield ImapServer(folder, f"imaps://127.0.0.1:{port}/INBOX", started.pid, auth_port)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def needed() -> None:
    """Ends a test where Dovecot is not on this machine: it is left out, or fails where nothing may be left out."""
    if is_there():
        return
    if os.environ.get("OTKLIK_TEST_ALL"):
        pytest.fail(HINT)
    pytest.skip(HINT)


def is_there() -> bool:
    return bool(shutil.which("dovecot")) or Path("/usr/sbin/dovecot").exists()


def _unprivileged() -> pwd.struct_passwd:
    """Dovecot reads no mail as root; whoever else runs the tests runs it himself."""
    return pwd.getpwuid(os.geteuid()) if os.geteuid() else pwd.getpwnam("nobody")
