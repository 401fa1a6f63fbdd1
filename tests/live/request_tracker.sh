#!/usr/bin/env bash
# A private Request Tracker 5 on loopback for the live tests.
#
#   request_tracker.sh install            Debian packages (needs root; the rest does not touch the system)
#   request_tracker.sh init  DIR          database, configuration, people, fields, tokens under DIR
#   request_tracker.sh start DIR          serve it on 127.0.0.1; returns once it answers
#   request_tracker.sh stop  DIR          end exactly the server that `start` began
#   request_tracker.sh seed  DIR [N]      the test tickets, and N plain ones besides
#   request_tracker.sh installed          exit 0 when the packages are there
#
# DIR is a scratch folder: everything the server writes (database, sessions, templates, mail) stays below it.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
library=/usr/share/request-tracker5
server=$library/libexec/rt-server
verb=${1:?say what to do: install, installed, init, start, stop or seed}
dir=${2:-}

tell() { echo "request_tracker: $*" >&2; }

need_dir() {
  [ -n "$dir" ] || { tell "the $verb verb needs a folder"; exit 2; }
  export RT_SITE_CONFIG=$dir/site.pm RT_SITE_CONFIG_DIR=$dir/site.d
}

# A process that has ended but was not collected still answers to kill -0; its state says Z.
running() {
  local state
  state=$(sed 's/.*) \(.\).*/\1/' "/proc/$1/stat" 2>/dev/null) || return 1
  [ "$state" != Z ]
}

installed() { [ -x "$server" ] && perl -MDBD::SQLite -e 1 2>/dev/null; }

install_packages() {
  if installed; then tell "already installed"; return; fi
  export DEBIAN_FRONTEND=noninteractive
  # Neither a system-wide database nor cron jobs: the tests bring their own of everything.
  debconf-set-selections <<'ANSWERS'
request-tracker5 request-tracker5/dbconfig-install boolean false
request-tracker5 request-tracker5/install-cronjobs boolean false
request-tracker5 request-tracker5/handle-siteconfig-permissions boolean true
ANSWERS
  apt-get -q update
  apt-get -q -y --no-install-recommends install request-tracker5 rt5-standalone rt5-db-sqlite
}

write_configuration() {
  local port=$1
  # Mail goes to a file, so that a test can count who would have got one.
  cat > "$dir/mailer" <<MAILER
#!/bin/sh
{ echo "===MAIL \$*"; cat; echo; } >> "$dir/mail"
MAILER
  chmod 700 "$dir/mailer"
  : > "$dir/mail"
  # Tokens are checked with bcrypt on every request; the default cost of 12 is a quarter of a second each.
  cat > "$RT_SITE_CONFIG" <<CONFIG
use utf8;
Set(\$rtname, 'live.test');
Set(\$Organization, 'live.test');
Set(\$WebDomain, 'rt.live.test');
Set(\$WebPort, $port);
Set(\$WebPath, '');
Set(\$DatabaseType, 'SQLite');
Set(\$DatabaseName, '$dir/rt.sqlite');
Set(\$DatabaseHost, '');
Set(\$DatabaseUser, '');
Set(\$DatabasePassword, '');
Set(\$Timezone, 'UTC');
Set(\$LogToSyslog, undef);
Set(\$LogToSTDERR, 'warning');
Set(\$MailCommand, 'sendmailpipe');
Set(\$SendmailPath, '$dir/mailer');
Set(\$MasonDataDir, '$dir/mason');
Set(\$MasonSessionDir, '$dir/sessions');
Set(\$BcryptCost, 4);
1;
CONFIG
}

init() {
  if [ -f "$dir/ready" ]; then tell "already set up in $dir"; return; fi
  mkdir -p "$dir"/{site.d,mason,sessions}
  chmod 700 "$dir"
  local port
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  echo "$port" > "$dir/port"
  write_configuration "$port"
  rt-setup-database-5 --action init < /dev/null > "$dir/setup.log" 2>&1 || { tail -20 "$dir/setup.log" >&2; exit 1; }
  perl -I"$library/lib" "$here/request_tracker_bootstrap.pl" > "$dir/tokens.json"
  chmod 600 "$dir/tokens.json"
  : > "$dir/mail"
  touch "$dir/ready"
}

start() {
  local port pid
  port=$(cat "$dir/port")
  if [ -f "$dir/pid" ] && running "$(cat "$dir/pid")"; then tell "already up"; return; fi
  setsid "$server" --server Starlet --host 127.0.0.1 --port "$port" --max-workers 4 \
    > "$dir/server.log" 2>&1 < /dev/null &
  pid=$!
  echo "$pid" > "$dir/pid"
  for _ in $(seq 240); do
    if ! running "$pid"; then break; fi
    if curl -s -o /dev/null --max-time 5 "http://127.0.0.1:$port/REST/2.0/rt"; then
      tell "up on 127.0.0.1:$port, process $pid"
      return
    fi
    sleep 0.25
  done
  tell "did not come up; the end of its log:"
  tail -20 "$dir/server.log" >&2
  stop
  exit 1
}

stop() {
  local pid
  [ -f "$dir/pid" ] || return 0
  pid=$(cat "$dir/pid")
  # TERM and nothing else: an interrupt makes the server change owners below /var/lib when run as root.
  kill -TERM "$pid" 2>/dev/null || true
  for _ in $(seq 100); do
    running "$pid" || break
    sleep 0.1
  done
  if running "$pid"; then kill -KILL -- "-$pid" 2>/dev/null || true; fi
  rm -f "$dir/pid"
}

case $verb in
  install) install_packages ;;
  installed) installed ;;
  init) need_dir; init ;;
  start) need_dir; start ;;
  stop) need_dir; stop ;;
  seed) need_dir; python3 "$here/request_tracker_seed.py" "$dir" "${3:-0}" ;;
  *) tell "no such verb: $verb"; exit 2 ;;
esac
