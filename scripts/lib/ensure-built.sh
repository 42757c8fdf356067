# Sourced by the launchers: sees to it that the packages are installed and the sources compiled.
# Needs $root, the top of the checkout. When there is nothing to do it costs a few milliseconds.
# What it prints goes to stderr, so that a launcher's own output stays clean.

say() { printf '%s\n' "strowger: $*" >&2; }
die() { say "$*"; exit 1; }

# Node 20 is the floor: what Debian 13 and Ubuntu 25.04 carry, and the nodesource packages.
check_node() {
  command -v node >/dev/null 2>&1 || die 'Node.js is not installed. Version 20 or newer is needed: https://nodejs.org'
  node_version=$(node --version)
  node_major=${node_version#v}
  node_major=${node_major%%.*}
  case $node_major in
    '' | *[!0-9]*) die "cannot tell the version of Node.js from '$node_version'; 20 or newer is needed" ;;
  esac
  [ "$node_major" -ge 20 ] || die "Node.js $node_version is too old; 20 or newer is needed: https://nodejs.org"
}

stamp_text() { printf '%s\n' "$node_major"; cat "$root/package-lock.json"; }

# Installed for this lock file and this Node? The stamp holds both: a native module fits one major version only.
is_installed() {
  stamp_text | cmp -s - "$root/node_modules/.strowger-installed" || adopt_installed
}

# Somebody ran npm himself: that is as good, if it came after the lock file and the native module works.
adopt_installed() {
  [ -f "$root/node_modules/.package-lock.json" ] &&
    [ -z "$(find "$root/package-lock.json" -newer "$root/node_modules/.package-lock.json")" ] &&
    sqlite_works && stamp_text >"$root/node_modules/.strowger-installed"
}

is_built() {
  [ -f "$root/.build/.stamp" ] &&
    [ -z "$(find "$root/src" "$root/test" "$root/tools" "$root/tsconfig.json" "$root/package-lock.json" \
      -newer "$root/.build/.stamp" -print 2>/dev/null | head -n 1)" ]
}

sqlite_works() {
  (cd "$root" && node -e "new (require('better-sqlite3'))(':memory:').close()") >/dev/null 2>&1
}

# Install scripts are held back but for the one native module the server needs: it is fetched ready-made or,
# failing that, compiled. So neither npm's settings for scripts nor a missing compiler stop the others.
install_packages() {
  fetch_packages
  prepare_packages
}

fetch_packages() {
  command -v npm >/dev/null 2>&1 || die 'npm is not installed (it comes with Node.js)'
  say 'installing packages (this happens once)'
  (cd "$root" && npm ci --include=dev --ignore-scripts --no-audit --no-fund --loglevel=error) >&2 ||
    die 'npm ci failed; see above. It needs the npm registry the first time.'
}

prepare_packages() {
  if ! sqlite_works; then
    say 'preparing better-sqlite3 for this machine (fetched ready-made; where that fails it is compiled, which takes minutes)'
    build_log=$root/node_modules/.strowger-sqlite.log
    (cd "$root" && npm_config_jobs=max npm rebuild better-sqlite3 --ignore-scripts=false --foreground-scripts) >"$build_log" 2>&1
    sqlite_works || {
      tail -n 20 "$build_log" >&2
      die "better-sqlite3 could not be fetched or compiled. To compile it: apt-get install python3 make g++ (all of it: $build_log)"
    }
  fi
  stamp_text >"$root/node_modules/.strowger-installed"
}

# Without the type check, which is the business of "npm test": an installation need not wait for it.
# It is compiled beside what is there and put in its place file by file: a server that starts meanwhile loads no half-written module.
build() {
  say 'building'
  begun=$root/.build/.begun
  : >"$begun"
  (cd "$root" && node node_modules/typescript/bin/tsc --noCheck --outDir .build-next &&
    node scripts/lib/bundle.mjs .build-next/server &&
    node scripts/lib/put-in-place.mjs .build-next .build) >&2 || die 'the build failed; see above'
  # The moment it began, so that a file saved meanwhile is built next time.
  mv "$begun" "$root/.build/.stamp"
}

ensure_built() {
  check_node
  is_installed && is_built && return
  mkdir -p "$root/.build" || die "cannot write to $root/.build"
  # One at a time, where the system has flock; the second finds the work done.
  (
    if command -v flock >/dev/null 2>&1; then flock 9; fi
    is_installed || install_packages
    is_built || build
  ) 9>"$root/.build/.lock" || exit 1
}
