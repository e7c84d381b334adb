#!/usr/bin/env bash
# Installs what Grid Map needs and is missing; a second run finds nothing to do.
#
#   docker/setup.sh runtime            to run it: Debian packages, .venv from the pinned lock, assets of the pages
#   docker/setup.sh dev                the same, and what the tests need
#   docker/setup.sh packages SECTION…  only Debian packages, of these sections of docker/apt.txt
#
# With GRIDMAP_DATABASE_URL set, here or in .env, `runtime` does without PostgreSQL. PYTHON names another interpreter.
set -eu
umask 022
cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE="" PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore
if [ ! -w "${HOME:-/nonexistent}" ]; then
    HOME="$PWD/.venv/home"
    export HOME
fi
python="${PYTHON:-python3}"
frontend=service/maps/frontend
locked=.venv/.gridmap-lock

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "$@"
    exit 1
}

# Names in the given sections of the package list.
packages_of() {
    for section in "$@"; do
        awk -v wanted="[$section]" '/^\[/ { inside = ($1 == wanted); next } inside && NF && !/^#/ { print $1 }' docker/apt.txt
    done
}

# Something else than Debian's package may do, as long as it works.
works_already() {
    case "$1" in
    python3 | python3-venv) "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' ;;
    nodejs | npm) [ "$(node -p 'parseInt(process.versions.node)')" -ge 18 ] && command -v npm ;;
    postgresql-15*) find /usr/share/postgresql/*/extension/postgis.control /usr/pgsql-*/share/extension/postgis.control | grep . ;;
    chromium-headless-shell | openssl | shellcheck) command -v "$1" ;;
    poppler-utils) command -v pdftotext ;;
    *) [ "$(dpkg-query -W -f '${db:Status-Status}' "$1")" = installed ] ;;
    esac >/dev/null 2>&1
}

missing_of() {
    for package in $(packages_of "$@"); do
        works_already "$package" || printf '%s ' "$package"
    done
}

# How to become root without asking anybody; nothing printed where there is no way.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        echo env
    elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
        echo sudo
    fi
}

# PostgreSQL's package makes and starts a server of its own, which nobody here asked for.
keep_default_server_away() {
    conf=/etc/postgresql-common/createcluster.conf
    if ! dpkg-query -W postgresql-common >/dev/null 2>&1; then
        "$@" postgresql-common
        "$root" sed -i 's/^#create_main_cluster = true$/create_main_cluster = false/' "$conf"
        trap '"$root" sed -i "s/^create_main_cluster = false$/#create_main_cluster = true/" "$conf"' EXIT
    fi
}

install_packages() {
    missing="$(missing_of "$@")"
    missing="${missing% }"
    [ -n "$missing" ] || return 0
    root="$(as_root)"
    command="apt-get install --no-install-recommends $missing"
    if [ -z "$root" ] || ! command -v apt-get >/dev/null; then
        say "Missing Debian 12 packages 缺少软件包: $missing" "" \
            "  Run as root 请以 root 执行:  apt-get update && $command"
        case "$missing" in
        *postgresql*) say "" "  Or use a PostGIS elsewhere, and PostgreSQL is not needed here 或使用已有的 PostGIS：" \
            "  GRIDMAP_DATABASE_URL=postgresql://user:password@host/database make demo" ;;
        esac
        exit 1
    fi
    say "Installing 正在安装: $missing"
    "$root" apt-get update -q
    set -- "$root" DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends
    case "$missing" in *postgresql*) keep_default_server_away "$@" ;; esac
    # shellcheck disable=SC2086  # a list of words
    "$@" $missing
}

hash_of() { cat "$@" | sha256sum | cut -c 1-64; }

# What is written down once a lock is installed for running or for tests.
lock_of() {
    lock="docker/requirements.txt"
    [ "$1" = runtime ] || lock="docker/requirements-dev.txt"
    printf '%s' "$1 $(hash_of "$lock" pyproject.toml) $PWD"
}

# The virtual environment has the lock that is asked for; the one for tests includes the one to run.
has_python() {
    [ -x .venv/bin/gridmap ] && [ -f "$locked" ] || return 1
    is="$(cat "$locked")"
    [ "$is" = "$(lock_of "$1")" ] || [ "$is" = "$(lock_of dev)" ]
}

install_lock() { .venv/bin/python -m pip install -q --require-hashes "$@"; }

# What runs it. Those who will may not be allowed to keep byte code, so that all of it is made here; tests make it of
# what they import, which is a tenth.
install_python() {
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "Python 3.11 or later is needed 需要 Python 3.11 以上: PYTHON=/path/to/python3.11 make …"
    say "Installing Python packages into .venv 正在安装 Python 依赖"
    rm -f "$locked"
    .venv/bin/python -c 'import pip' 2>/dev/null || "$python" -m venv --clear .venv
    mkdir -p "$HOME"
    case "$1" in
    runtime) install_lock -r docker/requirements.txt ;;
    dev) install_lock --no-compile -r docker/requirements.txt ;;
    esac
    PYTHONWARNINGS=ignore .venv/bin/python -m pip install -q --no-deps --no-build-isolation -e .
}

# What is left of the packages for tests, beside the compiling.
finish_python() {
    [ "$1" = runtime ] || install_lock --no-compile -r docker/requirements-dev.txt
    lock_of "$1" >"$locked"
}

# Third-party scripts and styles of the pages, from their lock; no script of theirs runs here.
install_assets() {
    stamp="$frontend/node_modules/.gridmap-lock"
    wanted="$(hash_of "$frontend/package-lock.json")"
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return 0
    say "Installing assets of the pages 正在安装前端资源"
    npm ci --prefix "$frontend" --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
    printf '%s' "$wanted" >"$stamp"
}

# Compiled code of look-ups is kept on disk, so that no start waits for the compiler.
warm_up() {
    stamp=".venv/.gridmap-warm"
    sources="geodata/*.py geodata/address/*.py geodata/grid/*.py geodata/station/*.py geodata/station/network/*.py"
    # shellcheck disable=SC2086  # patterns
    wanted="$(hash_of $sources docker/requirements.txt)"
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return 0
    say "Compiling look-ups and walks 正在编译查询与步行计算程序"
    # Half of it in a process of its own; what look-ups share with the other half is done by the time they come.
    for part in address.warming grid.index lookup; do .venv/bin/python -c "from geodata.$part import warm; warm()"; done &
    parts=$!
    .venv/bin/python -c 'from geodata.station.warming import warm; warm()'
    wait "$parts"
    printf '%s' "$wanted" >"$stamp"
}

database_elsewhere() {
    [ -n "${GRIDMAP_DATABASE_URL:-}" ] || grep -qs '^GRIDMAP_DATABASE_URL=.' .env
}

what="${1:-}"
case "$what" in
packages)
    shift
    install_packages "$@"
    ;;
runtime | dev)
    # One set-up at a time in this folder.
    exec 9<docker/setup.sh
    flock 9
    sections="base assets database"
    if [ "$what" = dev ]; then
        sections="$sections tests"
    elif database_elsewhere; then
        sections="base assets"
    fi
    # shellcheck disable=SC2086  # a list of words
    install_packages $sections
    # Beside each other: the assets are small and wait for the network.
    install_assets &
    assets=$!
    finished=
    if ! has_python "$what"; then
        install_python "$what"
        finish_python "$what" &
        finished=$!
    fi
    wait "$assets"
    warm_up
    wait $finished
    ;;
*)
    sed -n '2,8s/^# \{0,1\}//p' docker/setup.sh >&2
    exit 2
    ;;
esac
