"""A real IMAP server on loopback, Dovecot, over TLS, with one mailbox, for the time of a test; needs no service."""

import grp
import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme
from pytest import MonkeyPatch

from tests import processes
from tests.processes import free_port, listens

HINT = "Dovecot is not on this machine: apt-get install dovecot-imapd (no service is needed)"
USER, PASSWORD = "забота@shop.example", "imap pass-w0rd ключ"
CONFIGURATION = """
base_dir = {folder}/run
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
namespace inbox {{
  inbox = yes
}}
"""


@dataclass
class ImapServer:
    folder: Path
    address: str

    def deliver(self, name: str, message: bytes) -> None:
        """Into the inbox, as new; messages get their numbers in the order of their names when the mailbox is opened."""
        file = self.folder / "mail" / "new" / name
        file.write_bytes(message)
        # A command that ran in this process may have forbidden others to read new files, and Dovecot reads as somebody else.
        owner = self.folder.stat()
        os.chown(file, owner.st_uid, owner.st_gid)

    def new_ones(self) -> int:
        """How many messages nobody has marked as seen: `S` stands among the flags of the others."""
        files = [*(self.folder / "mail" / "new").iterdir(), *(self.folder / "mail" / "cur").iterdir()]
        return sum("S" not in file.name.partition(":2,")[2] for file in files)


@contextmanager
def imap_server(monkeypatch: MonkeyPatch) -> Iterator[ImapServer]:
    """Its authority is trusted by this process and its children, by SSL_CERT_FILE."""
    folder, port = Path(tempfile.mkdtemp(prefix="otklik-imap-")), free_port()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(folder / "server.key")
    issued.cert_chain_pems[0].write_to_path(folder / "server.pem")
    owner = _unprivileged()
    for name in ("new", "cur", "tmp"):
        (folder / "mail" / name).mkdir(parents=True)
    (folder / "users").write_text(f"{USER}:{PASSWORD}\n", "utf-8")
    group = grp.getgrgid(owner.pw_gid).gr_name
    facts = {
        "folder": folder,
        "port": port,
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
        with processes.running(*server, is_ready=lambda: listens(port), cwd="/"):
            monkeypatch.setenv("SSL_CERT_FILE", str(folder / "authority.pem"))
            yield ImapServer(folder, f"imaps://127.0.0.1:{port}/INBOX")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def is_there() -> bool:
    return bool(shutil.which("dovecot")) or Path("/usr/sbin/dovecot").exists()


def _unprivileged() -> pwd.struct_passwd:
    """Dovecot reads no mail as root; whoever else runs the tests runs it himself."""
    return pwd.getpwuid(os.geteuid()) if os.geteuid() else pwd.getpwnam("nobody")
