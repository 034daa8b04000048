"""A WordPress of our own on loopback, from Debian's packages, made for a test run and thrown away.

    apt install --no-install-recommends wordpress wordpress-theme-twentytwentythree \
        php-cli php-mysql php-xml php-curl mariadb-server

WordPress is the packaged one, unchanged: its own code serves it (`php -S`), takes pingbacks
(xmlrpc.php) and sends them (wp-cron.php). Its database is a MariaDB on a socket in the same folder.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
import xmlrpc.client
from pathlib import Path

from postgres import unprivileged

CODE = Path("/usr/share/wordpress")
# Without a theme WordPress answers with empty pages.
THEME = CODE / "wp-content/themes/twentytwentythree"
PROGRAMS = ["mariadbd", "mariadb-install-db", "php"]
PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
# Only there so that a WordPress that never comes up fails its tests and does not hang them.
PATIENCE = 60

NAME, PASSWORD = "postil", "a password for the test alone"

CONFIG = """<?php
define('DB_NAME', 'wordpress');
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:%(folder)s/socket');
define('DB_CHARSET', 'utf8mb4');
define('WP_HOME', '%(url)s');
define('WP_SITEURL', '%(url)s');
define('WP_CONTENT_DIR', __DIR__ . '/wp-content');
// Nothing is sent to wordpress.org or to services that announce new posts. Jobs run when the test
// requests wp-cron.php, as a system's cron would.
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('WP_ACCESSIBLE_HOSTS', '127.0.0.1');
define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) {
    define('ABSPATH', __DIR__ . '/');
}
require_once ABSPATH . 'wp-settings.php';
"""

# How long a post called Slow takes to be shown, in seconds. WordPress waits 3 for what a server
# answers to its ping (wp-includes/comment.php, pingback()).
SLOWNESS = 4

# What WordPress does other than out of the box. It would call no private address, and only the
# ports 80, 443 and 8080 (wp_http_validate_url); here every peer is on loopback.
PLUGIN = """<?php
add_filter('http_request_host_is_external', '__return_true');
add_filter('http_allowed_safe_ports', function ($ports, $host, $url) {
    return array_merge($ports, array(parse_url($url, PHP_URL_PORT)));
}, 10, 3);
add_action('template_redirect', function () {
    if (is_single('slow')) {
        sleep(%(slowness)d);
    }
});
"""

INSTALL = """
define('WP_INSTALLING', true);
require 'wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Grandmother’s shelf', %(name)s, 'postil@example.org', true, '', %(password)s);
switch_theme('twentytwentythree');
update_option('permalink_structure', '/%%year%%/%%monthnum%%/%%postname%%/');
echo get_bloginfo('version');
"""


def quoted(text):
    """Return the text as PHP writes it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def missing():
    """Return what is not installed of all that this needs; empty where nothing is."""
    programs = [name for name in PROGRAMS if not shutil.which(name, path=PATH)]
    folders = [str(folder) for folder in (CODE, THEME) if not folder.is_dir()]
    if programs or folders:
        return programs + folders
    php = shutil.which("php", path=PATH)
    found = subprocess.run([php, "-m"], capture_output=True, text=True, check=True).stdout.split()
    return [f"PHP’s {name}" for name in ("mysqli", "xml", "curl") if name not in found]


class WordPress:
    def __init__(self, folder, port):
        self.folder, self.site, self.port = folder, folder / "site", port
        self.url = f"http://127.0.0.1:{self.port}"
        self.someone = unprivileged()
        self.rpc = xmlrpc.client.ServerProxy(f"{self.url}/xmlrpc.php")

    def start(self, stack):
        """Start the database, install WordPress into it, and serve it until `stack` is closed."""
        stack.enter_context(self.rpc)
        self.lay_out()
        data, socket = self.folder / "data", self.folder / "socket"
        install = ["--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"]
        self.run("mariadb-install-db", *install, "--skip-test-db")
        # Nothing here outlives a power cut, so nothing waits for the disk.
        hurry = ["--innodb-flush-log-at-trx-commit=0", "--skip-log-bin", "--skip-networking"]
        place = [f"--datadir={data}", f"--socket={socket}", f"--pid-file={self.folder / 'pid'}"]
        self.begin(stack, "mariadbd", "--no-defaults", *place, *hurry)
        self.until(socket.exists)
        make = f"$db = new mysqli('localhost', 'root', '', '', 0, '{socket}');"
        self.php(make + "$db->query('CREATE DATABASE wordpress CHARACTER SET utf8mb4');")
        self.version = self.php(INSTALL % {"name": quoted(NAME), "password": quoted(PASSWORD)})
        # Several processes: one that pings is called back for the source of the ping.
        serve = ["-S", f"127.0.0.1:{self.port}", "-t", str(self.site)]
        self.begin(stack, "php", *serve, PHP_CLI_SERVER_WORKERS="4")
        self.until(self.answers)

    def lay_out(self):
        """Make a site of the packaged code: WordPress looks for its settings beside wp-load.php."""
        shutil.copytree(
            CODE,
            self.site,
            ignore=shutil.ignore_patterns("wp-admin", "wp-includes", "wp-content", "wp-config.php"),
        )
        for name in ("wp-admin", "wp-includes"):
            (self.site / name).symlink_to(CODE / name)
        for name in ("themes", "mu-plugins"):
            (self.site / "wp-content" / name).mkdir(parents=True)
        (self.site / "wp-content/themes" / THEME.name).symlink_to(THEME)
        plugin = PLUGIN % {"slowness": SLOWNESS}
        (self.site / "wp-content/mu-plugins/trial.php").write_text(plugin)
        settings = {"folder": self.folder, "url": self.url}
        (self.site / "wp-config.php").write_text(CONFIG % settings)
        if self.someone:
            for path in [self.folder, *self.folder.rglob("*")]:
                os.chown(path, self.someone["user"], self.someone["group"], follow_symlinks=False)

    def publish(self, title, body):
        """Publish a post, over WordPress's own interface; return its number and its address."""
        post = {"post_title": title, "post_content": body, "post_status": "publish"}
        number = self.rpc.wp.newPost(0, NAME, PASSWORD, post)
        return int(number), self.rpc.wp.getPost(0, NAME, PASSWORD, number)["link"]

    def do_jobs(self):
        """Have WordPress do what is due, such as pinging what new posts link to."""
        with urllib.request.urlopen(f"{self.url}/wp-cron.php", timeout=PATIENCE) as answer:
            answer.read()

    def pinged(self, number):
        """Return the addresses that WordPress has pinged for this post, or need not ping again."""
        said = self.php(f"require 'wp-load.php'; echo json_encode(get_pung({int(number)}));")
        return [address for address in json.loads(said) if address]

    def ping(self, source, target):
        """Have WordPress's own client discover our endpoint and ping it once; return the fault."""
        code = """
            require 'wp-load.php';
            require_once ABSPATH . WPINC . '/class-IXR.php';
            require_once ABSPATH . WPINC . '/class-wp-http-ixr-client.php';
            [$source, $target] = json_decode(%s);
            $client = new WP_HTTP_IXR_Client(discover_pingback_server_uri($target));
            echo $client->query('pingback.ping', $source, $target) ? 0 : $client->error->code;
        """
        return int(self.php(code % quoted(json.dumps([source, target]))))

    def comments(self, number):
        """Return the comments on a post, of any status."""
        return self.rpc.wp.getComments(0, NAME, PASSWORD, {"post_id": number})

    def let_hours_pass(self):
        """Have all comments be from hours ago: it takes no two within 15 seconds."""
        when = "comment_date_gmt = comment_date_gmt - INTERVAL 2 HOUR"
        self.php(f"require 'wp-load.php'; $wpdb->query(\"UPDATE $wpdb->comments SET {when}\");")

    def php(self, code):
        """Run PHP in the site's folder and return what it writes."""
        return self.run("php", "-d", "sendmail_path=/bin/true", "-r", code)

    def answers(self):
        with contextlib.suppress(OSError), urllib.request.urlopen(self.url, timeout=PATIENCE) as a:
            return a.status == 200
        return False

    def run(self, program, *arguments):
        done = subprocess.run(
            [program, *arguments],
            cwd=self.site,
            env={"PATH": PATH, "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            **self.someone,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{done.stdout}{done.stderr}\n{self.said()}")
        return done.stdout

    def begin(self, stack, program, *arguments, **environment):
        """Start a program that runs until `stack` is closed."""
        log = stack.enter_context((self.folder / program).with_suffix(".log").open("a"))
        process = subprocess.Popen(
            [program, *arguments],
            cwd=self.site,
            env={"PATH": PATH, "LANG": "C.UTF-8"} | environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            process_group=0,  # of its own, so that its workers end with it
            **self.someone,
        )
        stack.callback(end, process)

    def until(self, came_true):
        deadline = time.monotonic() + PATIENCE
        while not came_true():
            if time.monotonic() > deadline:
                raise RuntimeError(f"WordPress did not come up:\n{self.said()}")
            time.sleep(0.05)

    def said(self):
        return "\n".join(log.read_text() for log in self.folder.glob("*.log"))


def end(process):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(PATIENCE)


@contextlib.contextmanager
def wordpress(port):
    """Start a WordPress that has one user and one post, and give it; stop and remove it after.

    Ask `missing()` first whether there is anything to start.
    """
    # Not pytest's own folder: the servers' user may not enter that, and a socket's path is short.
    folder = Path(tempfile.mkdtemp(prefix="postil-wp-"))
    try:
        with contextlib.ExitStack() as stack:
            peer = WordPress(folder, port)
            peer.start(stack)
            yield peer
    finally:
        shutil.rmtree(folder)
