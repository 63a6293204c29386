"""A real WordPress of Debian's packages on loopback: MariaDB, PHP's own server and the site live in one temporary
folder and end with the test run. Nothing of it is shared with a WordPress that this machine may serve."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from tests import processes
from tests.processes import free_port

HINT = (
    "WordPress is not on this machine: apt-get install wordpress wordpress-theme-twentytwentythree mariadb-server "
    "php-cli php-mysql (no service is needed)"
)
PACKAGE = Path("/usr/share/wordpress")
THEME = "twentytwentythree"
OURS = Path(__file__).parent / "site"
PASSWORD = "only-for-this-test-run"


def is_here() -> bool:
    programs = all(map(_program, ("mariadbd", "mariadb-install-db", "php")))
    return programs and (PACKAGE / "wp-content/themes" / THEME).is_dir() and _has_mysqli()


def _program(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin")


def _has_mysqli() -> bool:
    modules = subprocess.run(["php", "-m"], check=False, stdout=subprocess.PIPE, text=True).stdout
    return "mysqli" in modules.split()


@dataclass(frozen=True)
class Staff:
    """Somebody of the brand on its own site."""

    id: int
    login: str
    password: str


@dataclass(frozen=True)
class WordPress:
    """`address` is where visitors find it; all else is what its owner does on its screens."""

    address: str
    files: Path
    socket: Path
    key: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)

    def call(self, *calls: list[Any]) -> list[Any]:
        """Functions of WordPress by name with their arguments; what each of them returned."""
        answer = httpx.post(
            f"{self.address}/call.php", json=calls, headers={"x-test-key": self.key}, timeout=60
        )
        if answer.status_code != 200:
            raise RuntimeError(f"{calls} failed: {answer.status_code} {answer.text[-2000:]}")
        return list(answer.json())

    def one(self, name: str, *arguments: Any) -> Any:
        return self.call([name, *arguments])[0]

    def begin_anew(self) -> None:
        """The settings and contents of an empty blog in Moscow with pretty permalinks."""
        for table in ("comments", "commentmeta", "posts", "postmeta"):
            self.sql(f"TRUNCATE wp_{table}")
        self.sql("DELETE FROM wp_users WHERE ID > 1; DELETE FROM wp_usermeta WHERE user_id > 1")
        self.call(
            ["update_option", "timezone_string", "Europe/Moscow"],
            ["update_option", "comment_moderation", 0],
            ["update_option", "comment_previously_approved", 1],
            ["delete_option", "test_closed_api"],
        )
        self.link_by("/%year%/%monthnum%/%postname%/")

    def link_by(self, permalinks: str) -> None:
        """The form of the site's addresses; empty for plain ones, with the API under `?rest_route=`."""
        self.call(["update_option", "permalink_structure", permalinks])
        self.call(["flush_rewrite_rules"])

    def hire(self, login: str, name: str, role: str = "editor") -> Staff:
        user = {
            "user_login": login, "user_pass": PASSWORD, "user_email": f"{login}@lumen.example", "display_name": name,
            "role": role,
        }  # fmt: skip
        number = self.one("wp_insert_user", user)
        issue = "WP_Application_Passwords::create_new_application_password"
        plain, _ = self.one(issue, number, {"name": "Otklik"})
        return Staff(int(number), login, self.one("WP_Application_Passwords::chunk_password", plain))

    def write(self, title: str) -> int:
        post = {
            "post_title": title,
            "post_content": "Read all about it.",
            "post_status": "publish",
            "post_author": 1,
        }
        return int(self.one("wp_insert_post", post))

    def comment(self, post: int, author: str, text: str, at: str = "2026-11-19 08:00:00", **more: Any) -> int:
        """A guest's, approved; `at` is UTC. WordPress cleans the text as it does in its own form."""
        number = self.comment_held(post, author, text, at, **more)
        self.one("wp_set_comment_status", number, "approve")
        return number

    def comment_held(
        self, post: int, author: str, text: str, at: str = "2026-11-19 08:00:00", **more: Any
    ) -> int:
        """A guest's, as it arrives: nobody sees it before it is approved."""
        made = self.one("wp_new_comment", _comment(post, author, text, at) | more, True)
        if not isinstance(made, int):
            raise RuntimeError(f"WordPress did not take the comment: {made}")  # noqa: TRY004 - no wrong type of ours
        return made

    def comment_unclean(self, post: int, author: str, text: str) -> int:
        """As a plugin puts it there that stores whatever it is given."""
        comment = _comment(post, author, text, "2026-11-19 09:00:00") | {"comment_approved": 1}
        return int(self.one("wp_insert_comment", comment))

    def fill(self, post: int, count: int) -> None:
        """So many approved comments at once, "Comment number 1." the oldest."""
        rows = (
            f"({post}, 'Reader {n}', 'Comment number {n}.', '2026-11-20 11:00:00', '2026-11-20 08:00:00', '1', 'comment')"
            for n in range(1, count + 1)
        )
        columns = "comment_post_ID, comment_author, comment_content, comment_date, comment_date_gmt, comment_approved"
        self.sql(f"INSERT INTO wp_comments ({columns}, comment_type) VALUES {', '.join(rows)}")

    def sql(self, statements: str) -> str:
        command = [
            "mariadb",
            "--no-defaults",
            f"--socket={self.socket}",
            "-uroot",
            "-N",
            "wordpress",
            "-e",
            statements,
        ]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    def comments_saying(self, text: str) -> int:
        """How many comments of any status hold these words."""
        query = (
            f"SELECT COUNT(*) FROM wp_comments WHERE LOCATE(x'{text.encode().hex()}', BINARY comment_content)"
        )
        return int(self.sql(query))

    def page(self, post: int) -> str:
        """The article as an anonymous visitor's browser gets it."""
        return self.visit(f"/?p={post}").text

    def visit(self, path: str) -> httpx.Response:
        return httpx.get(self.address + path, follow_redirects=True, timeout=30)


def _comment(post: int, author: str, text: str, at: str) -> dict[str, Any]:
    # An address of its own for each: WordPress lets nobody write twice within fifteen seconds.
    where = ".".join(str(part) for part in (10, *secrets.token_bytes(3)))
    return {
        "comment_post_ID": post, "comment_author": author, "comment_content": text, "comment_author_url": "",
        "comment_author_email": f"{secrets.token_hex(6)}@guests.example", "comment_author_IP": where,
        "comment_agent": "", "comment_type": "comment", "comment_parent": 0, "user_id": 0, "comment_date_gmt": at,
        "comment_date": f"{datetime.fromisoformat(at) + timedelta(hours=3)}",
    }  # fmt: skip


@contextmanager
def wordpress() -> Iterator[WordPress]:
    """An installed site at the root of its host. Needs `is_here()`."""
    folder = Path(tempfile.mkdtemp(prefix="otklik-wp-"))
    folder.chmod(0o755)  # MariaDB runs as somebody else than root
    try:
        files = _copy(folder)
        with _mariadb(folder) as socket:
            with serve(WordPress(f"http://127.0.0.1:{free_port()}", files, socket)) as site:
                _install(site)
                yield site
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def serve(site: WordPress) -> Iterator[WordPress]:
    """PHP's own server at the site's address; the last part of its path, where it has one, must be its folder."""
    url = httpx.URL(site.address)
    below = url.path.strip("/")
    root = site.files.parent if below else site.files
    command = [
        "php", "-d", "opcache.enable_cli=1", "-d", f"session.save_path={site.files.parent}", "-d", f"sys_temp_dir={site.files.parent}",
         "-S", f"{url.host}:{url.port}", "-t", str(root), str(site.files / "router.php")
    ]  # fmt: skip
    environment = {
        **os.environ, "PHP_CLI_SERVER_WORKERS": "2", "WP_TEST_ADDRESS": site.address, "WP_TEST_SOCKET": str(site.socket),
        "WP_TEST_FOLDER": f"/{below}" if below else "", "WP_TEST_KEY": site.key,
    }  # fmt: skip
    # Its workers are children of its own, so the whole group is stopped.
    log = site.files.parent / f"php-{url.port}.log"
    with processes.running(
        *command,
        environment=environment,
        log=log,
        is_ready=lambda: _answers(site),
        by=signal.SIGKILL,
        cwd="/",
    ) as server:
        yield site
        assert not server.has_ended, f"PHP ended by itself: {server.said()[-2000:]}"


def _answers(site: WordPress) -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(f"{site.address}/readme.html", timeout=5).status_code == 200
    return False


def _copy(folder: Path) -> Path:
    """The package's files with our settings: the package's own would read this machine's /etc/wordpress."""
    files = folder / "blog"
    shutil.copytree(PACKAGE, files, ignore_dangling_symlinks=True, ignore=shutil.ignore_patterns(".htaccess"))
    for name in ("wp-config.php", "router.php", "call.php"):
        shutil.copy(OURS / name, files / name)
    (files / "wp-content/mu-plugins").mkdir()
    shutil.copy(OURS / "quiet.php", files / "wp-content/mu-plugins")
    return files


def _install(site: WordPress) -> None:
    site.one("wp_install", "Lumen", "admin", "admin@lumen.example", True, "", PASSWORD)
    site.one("switch_theme", THEME)


@contextmanager
def _mariadb(folder: Path) -> Iterator[Path]:
    """A server of its own that only a socket in the folder leads to, and that outlives no power cut."""
    data, temporary, socket = folder / "data", folder / "tmp", folder / "mariadb.sock"
    owner = _unprivileged()
    for place in (folder, data, temporary):
        place.mkdir(exist_ok=True)
        if owner:
            shutil.chown(place, owner)
    who = [f"--user={owner}"] if owner else []
    # In a folder that servers share, each one that starts removes the temporary tables of the others.
    where = ["--no-defaults", f"--datadir={data}", f"--tmpdir={temporary}", *who]
    make = [
        str(_program("mariadb-install-db")), *where, "--auth-root-authentication-method=normal", "--skip-test-db",
        "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0", "--innodb-log-file-size=4M",
    ]  # fmt: skip
    done = subprocess.run(make, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"mariadb-install-db failed: {done.stdout}")
    server = [
        str(_program("mariadbd")), *where, f"--socket={socket}", "--skip-networking", f"--pid-file={folder}/pid",
        "--innodb-flush-log-at-trx-commit=0", "--innodb-log-file-size=4M", "--innodb-buffer-pool-size=32M",
        "--skip-log-bin", "--performance-schema=OFF",
    ]  # fmt: skip
    client = ["mariadb", "--no-defaults", f"--socket={socket}", "-uroot", "-e", "CREATE DATABASE wordpress"]
    # At once in the end: nothing that it holds is to be kept.
    with processes.running(
        *server, log=folder / "mariadb.log", is_ready=lambda: processes.run(*client).returncode == 0,
        by=signal.SIGKILL, cwd="/",
    ) as started:  # fmt: skip
        yield socket
        assert not started.has_ended, f"MariaDB ended by itself: {started.said()[-2000:]}"


def _unprivileged() -> str | None:
    """mariadbd refuses to run as root; whoever else runs the tests runs it himself."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("mysql").pw_name
    except KeyError:
        return "nobody"
