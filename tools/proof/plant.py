# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Builds the engine with one bug in it and asks the oracles.

The tree is a copy of a commit, so that editing goes on beside a run. A mutant
lives in a folder of its own whose files come first on the include path: the
copy never changes, and several mutants are built at once. Only objects whose
preprocessed text changed are compiled.
"""
import hashlib
import json
import os
import re
import resource
import shlex
import shutil
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
WORK = os.path.join(ROOT, "build", "proof")
TREE = os.path.join(WORK, "tree")
BUILD = os.path.join(WORK, "objects")
GOLDEN = os.path.join(WORK, "golden")
NICE = 4
# Not what is shipped, but what is compiled fast: the same sources, with their
# assertions, and the checks of `./x test`'s sanitized build that cost little.
FLAGS = ("-O1 -U_FORTIFY_SOURCE -w -fmacro-prefix-map={mutant}=. "
         "-fno-stack-protector -fsanitize=bounds,shift "
         "-fsanitize-undefined-trap-on-error")
# What survives is asked about again with those that cost more: they see what is
# written behind an array, an arena's too, and what is never freed. The files of
# the change are compiled with them, and those that tell them where memory ends.
SANITIZERS = ("-O1 -U_FORTIFY_SOURCE -w -fmacro-prefix-map={mutant}=. "
              "-fno-omit-frame-pointer -fsanitize=address,undefined "
              "-fno-sanitize-recover=all")
WATCHED = ("src/base/arena.c", "src/os/fiber")


def say(*words):
    print(*words, flush=True)


def run(command, cwd=None, check=True, timeout=900, out=None):
    done = subprocess.run(
        command, cwd=cwd, timeout=timeout, stdin=subprocess.DEVNULL,
        stdout=out or subprocess.PIPE, stderr=subprocess.STDOUT)
    if check and done.returncode != 0:
        raise SystemExit(f"{shlex.join(command)}\n"
                         f"{(done.stdout or b'').decode(errors='replace')}")
    return done


def git(*words):
    return run(["git", *words], cwd=ROOT).stdout.decode().strip()


def tree_hash():
    """Of what the numbers are about: the sources of the copy."""
    commit = open(os.path.join(WORK, "commit")).read()
    return git("rev-parse", "--short=12", f"{commit}:src")


def about_tree():
    """The same for the first line of a table, with its date."""
    commit = open(os.path.join(WORK, "commit")).read()
    return f"tree {tree_hash()} date {git('log', '-1', '--format=%cs', commit)}"


# --- the tree without bugs ---------------------------------------------------


def copy_tree():
    commit = git("rev-parse", "HEAD")
    stamp = os.path.join(WORK, "commit")
    if os.path.exists(stamp) and open(stamp).read() == commit:
        return
    shutil.rmtree(TREE, ignore_errors=True)
    os.makedirs(TREE)
    archive = subprocess.Popen(["git", "archive", commit], cwd=ROOT,
                               stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-m", "-C", TREE], stdin=archive.stdout,
                   check=True)
    archive.wait()
    with open(stamp, "w") as f:
        f.write(commit)


def is_current(path):
    """Was it made for the tree that is there?"""
    stamp = os.path.join(WORK, "commit")
    return os.path.exists(path) and \
        os.path.getmtime(path) > os.path.getmtime(stamp)


def clean_flags(command):
    words = [w for w in shlex.split(command)
             if not w.startswith("-W") and w not in
             ("-O2", "-g", "-O1", "-Og", "-DNDEBUG", "-D_FORTIFY_SOURCE=2",
              "-U_FORTIFY_SOURCE", "-fstack-protector-strong")]
    return words


class Tree:
    """The unchanged build: how each object is made, what it depends on."""

    def __init__(self, targets):
        copy_tree()
        os.environ["CC"] = "gcc"
        run(["cmake", "-S", TREE, "-B", BUILD, "-G", "Ninja",
             "-DCMAKE_BUILD_TYPE=Debug", "-DFOLIOT_WERROR=OFF",
             "-DCMAKE_C_FLAGS_DEBUG=-O1 -w"])
        known = run(["ninja", "-t", "targets", "all"], cwd=BUILD)
        known = {line.split(":")[0] for line in
                 known.stdout.decode().split("\n")}
        self.programs = [t for t in targets if t in known]
        run(["nice", "-n", str(NICE), "ninja", "-j2", *self.programs],
            cwd=BUILD, timeout=1800)
        self.read_commands()
        self.read_deps()
        self.read_links()

    def read_commands(self):
        self.compile = {}
        for row in json.load(open(os.path.join(BUILD,
                                               "compile_commands.json"))):
            words = clean_flags(row["command"])
            self.compile[words[words.index("-o") + 1]] = words

    def read_deps(self):
        """Objects by the source files that they are made of."""
        self.users = {}
        text = run(["ninja", "-t", "deps"], cwd=BUILD).stdout.decode()
        target = None
        for line in text.split("\n"):
            if line and not line.startswith(" "):
                target = line.split(":")[0]
            elif line.strip():
                path = os.path.normpath(os.path.join(BUILD, line.strip()))
                if path.startswith(TREE):
                    path = os.path.relpath(path, TREE)
                    self.users.setdefault(path, set()).add(target)

    def read_links(self):
        self.link = {}
        for program in self.programs:
            text = run(["ninja", "-t", "commands", program], cwd=BUILD)
            last = text.stdout.decode().strip().split("\n")[-1]
            words = shlex.split(last.replace("&&", " ").replace(": ", " "))
            self.link[program] = [w for w in words if w != ":"]

    def path(self, program):
        words = self.link[program]
        return os.path.join(BUILD, words[words.index("-o") + 1])


# --- one mutant --------------------------------------------------------------


class Broken(Exception):
    """It does not compile: not a mutant."""


class Same(Exception):
    """It compiles to the same code: an equivalent one."""


class Planted:
    """Programs with a bug. `changes` maps paths to new contents."""

    flags = FLAGS

    def __init__(self, tree, changes, slot):
        self.tree = tree
        self.folder = os.path.join(WORK, f"mutant{slot}")
        shutil.rmtree(self.folder, ignore_errors=True)
        for path, text in changes.items():
            path = os.path.join(self.folder, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as f:
                f.write(text)
        self.objects = {}
        self.paths = list(changes)

    def shadowed(self, words):
        """The command with the mutant's files before those of the tree."""
        out = []
        for w in words:
            if w.startswith("-I" + TREE):
                out.append("-I" + self.folder + w[2 + len(TREE):])
            out.append(w)
        source = out[-1]
        own = source.replace(TREE, self.folder)
        out[-1] = own if os.path.exists(own) else source
        return out

    def preprocess(self, words):
        words = [w for w in words]
        at = words.index("-o")
        del words[at:at + 2]
        words[words.index("-c")] = "-E"
        words.insert(1, "-P")
        done = subprocess.run(words, cwd=BUILD, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
        if done.returncode != 0:
            raise Broken("preprocessing")
        text = re.sub(rb'"[^"\n]*/src/', b'"src/', done.stdout)
        return hashlib.sha256(text).digest()

    def compile(self, programs):
        """Makes the objects that `programs` need and that changed."""
        wanted = set()
        for program in programs:
            wanted |= set(self.tree.link[program])
        users = set()
        for path in self.paths:
            users |= self.tree.users.get(path, set())
        for name in sorted(users & wanted):
            if name in self.objects:
                continue
            self.objects[name] = self.make(name)
        changed = any(self.objects.values())
        if not changed:
            raise Same()

    def make(self, name):
        """The object's own path; None: the same as without the bug."""
        words = self.tree.compile[name]
        mine = self.shadowed(words)
        if self.preprocess(mine) == cached_preprocess(self, words):
            return None
        out = self.compiled(name, mine)
        return None if same_file(out, plain_object(words, name)) else out

    def compiled(self, name, words):
        out = os.path.join(self.folder, name.replace("/", "_"))
        flags = self.flags.format(mutant=self.folder).split()
        words[words.index("-o") + 1] = out
        done = run([words[0], *flags, *words[1:]], cwd=BUILD, check=False)
        if done.returncode != 0:
            raise Broken(done.stdout.decode(errors="replace"))
        return out

    def link_words(self, name):
        return [self.objects.get(w) or w for w in self.tree.link[name]]

    def program(self, name):
        """The program with the bug; None: it has not changed."""
        words = self.tree.link[name]
        if not any(self.objects.get(w) for w in words):
            return None
        out = os.path.join(self.folder, os.path.basename(name))
        if not os.path.exists(out):
            words = self.link_words(name)
            words[words.index("-o") + 1] = out
            done = run(words, cwd=BUILD, check=False)
            if done.returncode != 0:
                raise Broken(done.stdout.decode(errors="replace"))
        return out


class Sanitized(Planted):
    """The same under sanitizers. Without a bug if `changes` change nothing."""

    flags = SANITIZERS

    def __init__(self, tree, changes, slot, users):
        super().__init__(tree, changes, slot)
        watched = [o for o in tree.compile
                   if any("/" + w in tree.compile[o][-1] for w in WATCHED)]
        for name in {*users, *watched}:
            self.objects[name] = self.compiled(
                name, self.shadowed(tree.compile[name]))

    def compile(self, programs):
        pass

    def link_words(self, name):
        return [*super().link_words(name), "-fsanitize=address,undefined"]


PREPROCESSED = {}


def cached_preprocess(mutant, words):
    key = words[-1]
    if key not in PREPROCESSED:
        PREPROCESSED[key] = mutant.preprocess(words)
    return PREPROCESSED[key]


def same_file(a, b):
    with open(a, "rb") as f, open(b, "rb") as g:
        return f.read() == g.read()


def plain_object(words, name):
    """The object of the unchanged source with a mutant's flags."""
    out = os.path.join(WORK, "plain", name.replace("/", "_"))
    if not is_current(out):
        os.makedirs(os.path.dirname(out), exist_ok=True)
        mine = list(words)
        mine[mine.index("-o") + 1] = out + f".{os.getpid()}"
        flags = FLAGS.format(mutant=TREE).split()
        run([mine[0], *flags, *mine[1:]], cwd=BUILD)
        os.replace(out + f".{os.getpid()}", out)
    return out


# --- asking an oracle --------------------------------------------------------


def limits(seconds):
    def set_them():
        os.nice(NICE)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 28, 1 << 28))
    return set_them


def stat_of(path):
    """The words of a `stat` file behind the name: state, parent, ..."""
    with open(path) as f:
        return f.read().rpartition(")")[2].split()


def children(pid):
    for other in os.listdir("/proc"):
        try:
            if other.isdigit() and stat_of(f"/proc/{other}/stat")[1] == str(pid):
                yield other
        except OSError:
            pass  # it has ended meanwhile


def is_asleep(pid):
    """Do all threads of it and of its children wait for something else than a
    processor?"""
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            if stat_of(f"/proc/{pid}/task/{thread}/stat")[0] in "RD":
                return False
    except OSError:
        return False
    return all(is_asleep(child) for child in children(pid))


# A program that sleeps at so many looks in a row waits for something that never
# comes. How long it takes while others use the processors says nothing.
ASLEEP_LOOKS = 40
LOOK_SECONDS = 1


def ask(command, seconds, cwd):
    """(exit status, output) within so many seconds of processor time."""
    program = subprocess.Popen(
        command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, preexec_fn=limits(seconds))
    asleep = 0
    while True:
        try:
            text, _ = program.communicate(timeout=LOOK_SECONDS)
            return program.returncode, text
        except subprocess.TimeoutExpired:
            asleep = asleep + 1 if is_asleep(program.pid) else 0
        if asleep >= ASLEEP_LOOKS:
            program.kill()
            program.communicate()
            return "timeout", b""


class Clock:
    def __init__(self):
        self.start = time.monotonic()

    def seconds(self):
        return time.monotonic() - self.start
