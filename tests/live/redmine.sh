#!/usr/bin/env bash
# A private Redmine 5 on loopback for the live tests.
#
#   redmine.sh install            Debian packages (needs root)
#   redmine.sh init  DIR          database, people, roles, fields, keys under DIR (needs root, see below)
#   redmine.sh start DIR          serve it on 127.0.0.1; returns once it answers
#   redmine.sh stop  DIR          end exactly the server that `start` began
#   redmine.sh forget DIR         take away the one name outside DIR
#   redmine.sh installed          exit 0 when the packages are there and we may use them
#
# Everything the server writes stays below DIR. Debian's Redmine finds its files through a name below
# /var/lib/redmine, so `init` puts a link there and `forget` removes it. No mail is sent: none is configured.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
app=/usr/share/redmine
places=/var/lib/redmine
verb=${1:?say what to do: install, installed, init, start, stop or forget}
dir=${2:-}

tell() { echo "redmine: $*" >&2; }

need_dir() {
  [ -n "$dir" ] || { tell "the $verb verb needs a folder"; exit 2; }
  # The name of the instance: one for each folder, so that two runs do not meet.
  instance=triage-$(printf %s "$dir" | sha256sum | cut -c1-12)
  export REDMINE_INSTANCE=$instance RAILS_ENV=production BUNDLE_GEMFILE=$dir/Gemfile
}

# A process that has ended but was not collected still answers to kill -0; its state says Z.
running() {
  local state
  state=$(sed 's/.*) \(.\).*/\1/' "/proc/$1/stat" 2>/dev/null) || return 1
  [ "$state" != Z ]
}

installed() { [ -f "$app/config.ru" ] && [ -w "$places" ] && command -v bundle puma >/dev/null && ruby -rsqlite3 -e 1 2>/dev/null; }

install_packages() {
  if installed; then tell "already installed"; return; fi
  export DEBIAN_FRONTEND=noninteractive
  # No system-wide instance: the tests bring their own.
  echo 'redmine redmine/instances/default/dbconfig-install boolean false' | debconf-set-selections
  apt-get -q update
  apt-get -q -y --no-install-recommends install redmine redmine-sqlite puma
}

write_configuration() {
  cat > "$dir/config/database.yml" <<YAML
production:
  adapter: sqlite3
  database: $dir/redmine.sqlite
  timeout: 15000
  encoding: utf8
YAML
  openssl rand -hex 40 > "$dir/config/secret_key.txt"
  # The packaged list of gems names no web server; ours adds one that is packaged too.
  cat > "$dir/Gemfile" <<GEMS
eval_gemfile '$app/Gemfile'
gem 'puma'
GEMS
  ln -sfn "$dir" "$places/$instance"
}

init() {
  if [ -f "$dir/ready" ]; then tell "already set up in $dir"; return; fi
  mkdir -p "$dir"/{config,files,log,public/plugin_assets,tmp/cache,tmp/pids}
  chmod 700 "$dir"
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' > "$dir/port"
  write_configuration
  cd "$app"
  if ! {
    bundle install --local --quiet \
      && bundle exec rake db:migrate \
      && bundle exec rails runner "$here/redmine_bootstrap.rb" "$dir/keys.json"
  } > "$dir/setup.log" 2>&1; then
    tail -20 "$dir/setup.log" >&2
    exit 1
  fi
  chmod 600 "$dir/keys.json"
  touch "$dir/ready"
}

start() {
  local port pid
  port=$(cat "$dir/port")
  if [ -f "$dir/pid" ] && running "$(cat "$dir/pid")"; then tell "already up"; return; fi
  cd "$app"
  setsid bundle exec puma -C - -b "tcp://127.0.0.1:$port" -t 1:4 -e production config.ru \
    > "$dir/server.log" 2>&1 < /dev/null &
  pid=$!
  echo "$pid" > "$dir/pid"
  for _ in $(seq 240); do
    if ! running "$pid"; then break; fi
    if curl -s -o /dev/null --max-time 10 "http://127.0.0.1:$port/issue_statuses.json"; then
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
  kill -TERM "$pid" 2>/dev/null || true
  for _ in $(seq 100); do
    running "$pid" || break
    sleep 0.1
  done
  if running "$pid"; then kill -KILL -- "-$pid" 2>/dev/null || true; fi
  rm -f "$dir/pid"
}

forget() {
  # Only our own link, and only while it leads here.
  if [ "$(readlink "$places/$instance" 2>/dev/null)" = "$dir" ]; then rm -f "$places/$instance"; fi
}

case $verb in
  install) install_packages ;;
  installed) installed ;;
  init) need_dir; init ;;
  start) need_dir; start ;;
  stop) need_dir; stop ;;
  forget) need_dir; forget ;;
  *) tell "no such verb: $verb"; exit 2 ;;
esac
