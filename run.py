#!/usr/bin/env python3
"""Set up Scrutiny Graph in .venv beside this file, then serve, test or measure it. Standard library only.

    python3 run.py [serve] [--host H] [--port N]  set up, build the graph, serve it (options go to `kg serve`)
    python3 run.py setup                          set up only
    python3 run.py test [ARG ...]                 lint, types, tests (arguments go to pytest); finds a browser
    python3 run.py bench [ARG ...]                run the benchmarks (arguments go to tests.benchmarks)
    python3 run.py conformance --suites DIR       run the W3C SPARQL suites from your checkout of w3c/rdf-tests
    python3 run.py lock                           pin the requirements*.lock files anew

Exit codes: 0 done, 1 a step failed, 2 wrong usage or too old a Python, 3 .venv cannot be made, 4 no browser.
"""

import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
BIN = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")
PYTHON = os.path.join(BIN, "python.exe" if os.name == "nt" else "python")
KG = os.path.join(BIN, "kg.exe" if os.name == "nt" else "kg")
MINIMUM = (3, 11)
COMMANDS = ("serve", "setup", "test", "bench", "conformance", "lock")
LOCKS = {
    "runtime": ["requirements.lock", "requirements-build.lock"],
    "test": ["requirements-test.lock", "requirements-build.lock"],
}
NO_NODE = 3  # what tests/clients/packages.py says where there is none
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
OWN_BROWSER = (
    "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
)


class Stop(Exception):
    """Ends the run with one line on standard error and an exit code."""

    def __init__(self, message, code=1):
        super().__init__(message)
        self.code = code


def say(message):
    print("run.py: " + message, file=sys.stderr, flush=True)


def environment(**more):
    """The environment of every step: nothing outside .venv is imported, nothing asks a question."""
    env = {
        k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET")
    }
    env.update(PYTHONNOUSERSITE="1", PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1", VIRTUAL_ENV=VENV)
    env["PATH"] = BIN + os.pathsep + env.get("PATH", os.defpath)
    env.update(more)
    return env


def succeeds(*command, **options):
    """Whether a command ends with exit code 0; `quiet=True` hides what it prints."""
    hide = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} if options.get("quiet") else {}
    env = environment(**options.get("env", {}))
    try:
        done = subprocess.run(list(command), cwd=ROOT, stdin=subprocess.DEVNULL, env=env, **hide)
    except OSError:
        return False
    return done.returncode == 0


def apt_install(*packages):
    """Install Debian packages where that needs no question: as root, with apt-get."""
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    say("apt-get install " + " ".join(packages))
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    return succeeds("apt-get", "update", "-qq", env=env) and succeeds(
        "apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages, env=env
    )


def has_pip():
    return succeeds(PYTHON, "-m", "pip", "--version", quiet=True)


def is_usable():
    """Whether .venv holds a Python that is new enough, and pip."""
    return (
        succeeds(PYTHON, "-c", "import sys; sys.exit(sys.version_info < %r)" % (MINIMUM,), quiet=True)
        and has_pip()
    )


def make_venv():
    """Make .venv with pip in it; Debian without python3-venv has no ensurepip, hence more than one way."""
    if is_usable():
        return
    say("making .venv with Python " + sys.version.split()[0])
    me = sys.executable

    def plain():
        return succeeds(me, "-m", "venv", "--clear", VENV, quiet=True)

    def with_uv():
        uv = shutil.which("uv")
        return bool(uv) and succeeds(uv, "venv", "--quiet", "--seed", "--clear", "--python", me, VENV)

    def with_pip_of_this_python():
        made = succeeds(me, "-m", "venv", "--clear", "--without-pip", VENV, quiet=True)
        return made and succeeds(me, "-m", "pip", "--python", PYTHON, "install", "--quiet", "pip", quiet=True)

    def with_apt():
        return apt_install("python3-venv") and plain()

    for way in (plain, with_uv, with_pip_of_this_python, with_apt):
        if way() and is_usable():
            return
    raise Stop(
        "cannot make .venv: install python3-venv (Debian, Ubuntu: sudo apt install python3-venv) or uv", 3
    )


def stamp_key(kind):
    """Digest of all that an installation depends on: lock files, pyproject, Python, front end, place."""
    names = sorted(LOCKS[kind] + ["requirements-frontend.lock"])
    names += ["pyproject.toml", "hatch_build.py", os.path.join("kg", "__init__.py")]
    front = os.path.join("web", "frontend")
    if os.path.isdir(os.path.join(ROOT, front)):
        names += sorted(os.path.join(front, name) for name in os.listdir(os.path.join(ROOT, front)))
    version = subprocess.run([PYTHON, "-VV"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
    digest = hashlib.sha256(version + ROOT.encode() + os.environ.get("KG_SKIP_FRONTEND", "").encode())
    for path in (os.path.join(ROOT, name) for name in names):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                digest.update(hashlib.sha256(file.read()).digest())
    return digest.hexdigest()


def is_fresh(kind):
    """Whether the installation is up to date."""
    try:
        with open(os.path.join(VENV, ".stamp-" + kind)) as file:
            return file.read() == stamp_key(kind)
    except OSError:
        return False


def has_editor(kind):
    """Whether the SPARQL editor is there, or is not wanted; tests need the packages that it is made from too."""
    if os.environ.get("KG_SKIP_FRONTEND", "") not in ("", "0"):
        return True
    web = os.path.join(ROOT, "web")
    packages = os.path.isdir(os.path.join(web, "frontend", "node_modules", "axe-core"))
    return os.path.isfile(os.path.join(web, "static", "build", "sparql.js")) and (packages or kind != "test")


def install_node():
    """Install node into .venv, for a machine that has none."""
    lock = ["--quiet", "--require-hashes", "-r", "requirements-frontend.lock"]
    if not succeeds(*([PYTHON, "-m", "pip", "install"] + lock)):
        say("node could not be installed (pip's words are above)")


def build_editor():
    """Bundle the SPARQL editor; where that fails its page has a plain text field, and all goes on."""
    build = [PYTHON, os.path.join(ROOT, "hatch_build.py")]
    if succeeds(*(build + ["--lacks-node"]), quiet=True):
        install_node()
    if not succeeds(*build):
        say("the SPARQL page has a plain text field for now: python3 run.py setup tries again")


def install(kind, again=False):
    """Install the project and what `kind` of use needs: from the lock files, every download hash-checked.

    `again` tries to build the SPARQL editor even if that failed before.
    """
    make_venv()
    if is_fresh(kind) or (kind == "runtime" and is_fresh("test")):
        if again and not has_editor(kind):
            build_editor()
        return
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--no-warn-script-location"]
    say("installing %s into .venv (the first time takes about a minute)" % " and ".join(LOCKS[kind]))
    requirements = [part for lock in LOCKS[kind] for part in ("-r", lock)]
    if not succeeds(*(pip + ["--require-hashes", *requirements])):
        raise Stop(
            "not all could be installed: is the Python package index reachable? (pip's words are above)"
        )
    project = ["--no-deps", "--no-build-isolation", "--editable", "."]
    if not succeeds(*(pip + project), env={"KG_SKIP_FRONTEND": "1"}):
        raise Stop("the project could not be installed (pip's words are above)")
    build_editor()
    with open(os.path.join(VENV, ".stamp-" + kind), "w") as file:
        file.write(stamp_key(kind))


def find_browser(python=PYTHON):
    """Path of the browser for the tests, or None: $KG_BROWSER, then PATH, then Playwright's own."""
    wanted = os.environ.get("KG_BROWSER")
    if wanted:
        return shutil.which(wanted)
    for path in map(shutil.which, BROWSERS):
        if path:
            return path
    asked = subprocess.run([python, "-c", OWN_BROWSER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    own = asked.stdout.decode().strip()
    return own if own and os.path.isfile(own) else None


def need_browser():
    """Path of a browser, installed if there is none; without one the tests do not start: no silent skip."""
    found = find_browser()
    if not found and os.environ.get("KG_BROWSER"):
        raise Stop("KG_BROWSER names no program: %s" % os.environ["KG_BROWSER"], 4)
    if not found and not apt_install("chromium"):
        say("playwright install chromium")
        succeeds(PYTHON, "-m", "playwright", "install", "chromium")
    found = found or find_browser()
    if not found:
        raise Stop("no browser for the tests: sudo apt install chromium, or KG_BROWSER=/path/to/chromium", 4)
    return found


def need_clients():
    """Install the SPARQL clients that the tests use; what is missing then, they name themselves."""
    if not shutil.which("curl") and not apt_install("curl"):
        say("there is no curl, which the tests use: sudo apt install curl")
    packages = [PYTHON, "-m", "tests.clients.packages"]
    if subprocess.run(packages, cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL).returncode == NO_NODE:
        install_node()
        succeeds(*packages)


def test(args):
    """Run every check; a failure does not keep the later ones from running."""
    install("test", again=True)
    need_clients()
    browser = need_browser()
    say("browser: " + browser)
    steps = [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["pytest", "-n", "2", "--dist", "loadscope", *args],  # two processes, each module in one of them
    ]
    failed = []
    for step in steps:
        say(" ".join(step))
        if not succeeds(PYTHON, "-m", *step, env={"KG_BROWSER": browser}):
            failed.append(" ".join(step[:2]))
    if failed:
        raise Stop("failed: " + ", ".join(failed))


def lock():
    """Pin every lock file anew: with hashes, for every platform, naming no index."""
    make_venv()
    if not succeeds(PYTHON, "-m", "pip", "install", "--quiet", "uv"):
        raise Stop("uv could not be installed (pip's words are above)")
    options = [
        "--quiet",
        "--upgrade",
        "--generate-hashes",
        "--universal",
        "--python-version",
        "%d.%d" % MINIMUM,
    ]
    options += [
        "--no-emit-index-url",
        "--no-emit-find-links",
        "--custom-compile-command",
        "python3 run.py lock",
    ]
    for name, what in [
        ("requirements-test.lock", ["pyproject.toml", "--extra", "test", "--group", "build"]),
        ("requirements.lock", ["pyproject.toml", "--constraints", "requirements-test.lock"]),
        ("requirements-build.lock", ["--group", "build", "--constraints", "requirements-test.lock"]),
        ("requirements-frontend.lock", ["--group", "frontend"]),
    ]:
        say("pinning " + name)
        if not succeeds(PYTHON, "-m", "uv", "pip", "compile", *options, *what, "--output-file", name):
            raise Stop(name + " could not be pinned (uv's words are above)")


def serve(args):
    """Build the graph and hand over to `kg serve`, which prints the address."""
    install("runtime")
    if not any(arg.split("=")[0] == "--endpoint" for arg in args):
        say("kg build")
        if not succeeds(KG, "build"):
            raise Stop("the graph was not built (the reasons are above); nothing is served")
    say("kg serve " + " ".join(args))
    if os.name != "nt":  # signals then go straight to the server
        os.execve(KG, [KG, "serve", *args], environment())
    return subprocess.run([KG, "serve", *args], env=environment()).returncode


def main(argv):
    """Run one command; its exit code."""
    if sys.version_info < MINIMUM:
        raise Stop("Python %d.%d or newer is needed, this is %s" % (MINIMUM + (sys.version.split()[0],)), 2)
    command, args = (argv[0], argv[1:]) if argv and not argv[0].startswith("-") else ("serve", argv)
    if command == "serve" and args[:1] in (["-h"], ["--help"]):
        print(__doc__.strip())
        return 0
    if command not in COMMANDS or (args and command in ("setup", "lock")):
        raise Stop("usage: python3 run.py [%s] (python3 run.py --help)" % " | ".join(COMMANDS), 2)
    if command == "serve":
        return serve(args)
    if command == "test":
        test(args)
    elif command == "lock":
        lock()
    else:
        install("runtime", again=command == "setup")
    if command == "conformance":
        run = [PYTHON, "-P", "-m", "tests.conformance", *args]  # not in ROOT: the paths given are the user's
        return subprocess.run(run, env=environment(PYTHONPATH=ROOT)).returncode
    if command == "bench" and not succeeds(PYTHON, "-m", "tests.benchmarks", *args):
        raise Stop("the benchmarks failed")
    if command == "setup":
        say("ready: python3 run.py serve, or %s --help" % os.path.relpath(KG))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Stop as stop:
        say(str(stop))
        sys.exit(stop.code)
    except OSError as error:
        say(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
