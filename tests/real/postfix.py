"""A real Postfix on loopback for the time of a test: takes letters over STARTTLS from whoever Dovecot knows, delivers them into
mailboxes of one folder, and sends back what reaches nobody. Needs no service."""

import os
import shutil
import smtplib
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast

from tests import processes
from tests.imap_server import ImapServer
from tests.processes import free_port, listens

HINT = "Postfix is not on this machine, or this is not root: apt-get install postfix dovecot-imapd (no service is needed)"
PROGRAM = "/usr/sbin/postfix"
MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mx.shop.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_tls_cert_file = {imap}/server.pem
smtpd_tls_key_file = {imap}/server.key
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth_port}
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject
mynetworks = {networks}
smtpd_reject_unlisted_recipient = no
virtual_mailbox_domains = shop.example, client.example
virtual_mailbox_base = {imap}
virtual_mailbox_maps = texthash:{folder}/mailboxes
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
transport_maps = inline:{{ {{ lost.example = error:5.1.1 No such mailbox }} }}
default_transport = error:no other mail leaves this machine
"""
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{inner_port} inet n - n - - smtpd -o smtpd_sasl_auth_enable=no -o mynetworks=127.0.0.0/8
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass
class Postfix:
    """`address` is where customers of ours sign in; `inner_port` is where the world outside hands in its letters."""

    folder: Path
    imap: Path
    address: str
    inner_port: int

    def bring(self, message: EmailMessage) -> None:
        """A letter from outside."""
        with smtplib.SMTP("127.0.0.1", self.inner_port, timeout=20) as line:
            line.send_message(message)

    def letters(self, mailbox: str, count: int) -> list[EmailMessage]:
        """What lies in a mailbox, once there are so many; a moment is waited for them."""
        folder = self.imap / mailbox
        for _ in range(100):
            found = sorted([*folder.glob("new/*"), *folder.glob("cur/*")])
            if len(found) >= count:
                break
            time.sleep(0.1)
        return [
            cast(EmailMessage, message_from_bytes(one.read_bytes(), policy=policy.default)) for one in found
        ]


def is_here() -> bool:
    return Path(PROGRAM).exists() and os.geteuid() == 0


@contextmanager
def postfix(imap: ImapServer) -> Iterator[Postfix]:
    folder, port, inner_port = Path(tempfile.mkdtemp(prefix="otklik-postfix-")), free_port(), free_port()
    os.chmod(folder, 0o755)
    for name in ("queue", "data"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    owner = imap.folder.stat()
    facts = {
        "folder": folder, "imap": imap.folder, "auth_port": imap.auth_port, "uid": owner.st_uid, "gid": owner.st_gid, "port": port,
        "inner_port": inner_port, "networks": "127.0.0.99/32",
    }  # fmt: skip
    (folder / "main.cf").write_text(MAIN.format(**facts))
    (folder / "master.cf").write_text(MASTER.format(**facts))
    (folder / "mailboxes").write_text("care@shop.example mail/\nanna@client.example anna/\n")
    try:
        done = processes.run(PROGRAM, "-c", str(folder), "start")
        assert done.returncode == 0, done.stdout + done.stderr
        processes.eventually(lambda: listens(port) and listens(inner_port), bool)
        yield Postfix(folder, imap.folder, f"127.0.0.1:{port}", inner_port)
    finally:
        processes.run(PROGRAM, "-c", str(folder), "stop")
        shutil.rmtree(folder, ignore_errors=True)
