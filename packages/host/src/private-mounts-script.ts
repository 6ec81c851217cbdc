/** Where the files lie until they are mounted: there is always such a folder, and no program needs it. */
export const stageFolder = '/proc/driver';

/**
 * Functions of a shell: `make_place folder|file PATH` makes a place to mount something at.
 *
 * A place that does not exist gets a cover first: the deepest folder of its path that exists is
 * replaced by a copy in memory, in which each entry is the real one, bound, and which can have more.
 *
 * Needs `stage`, a folder in memory, and `devices`: the numbers of file systems in which folders can
 * be made without one; where those leave out the root, a function `cover_root`.
 */
export const placesScript = `
copies=0
copy_entries() {
  for entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    [ -e "$entry" ] || [ -L "$entry" ] || continue
    twin=$2/\${entry##*/}
    copy_entry || leave_out
  done
}
copy_entry() {
  if [ -L "$entry" ]; then cp -P "$entry" "$twin"
  elif [ -d "$entry" ]; then mkdir "$twin" && mount --rbind "$entry" "$twin"
  else : > "$twin" && mount --bind "$entry" "$twin"
  fi
}
# Whose entry it is may take it away meanwhile.
leave_out() {
  [ ! -e "$entry" ] && [ ! -L "$entry" ] || return 1
  if [ -d "$twin" ]; then rmdir "$twin"; else rm -f "$twin"; fi
}
make_copy() {
  copies=$((copies + 1))
  copy=$stage/.copy$copies
  mkdir "$copy"
  chmod --reference="$1" "$copy"
  chown --reference="$1" "$copy" 2>/dev/null || true
  mount --bind "$copy" "$copy"
}
cover() {
  make_copy "$1"
  copy_entries "$1" "$copy"
  mount --rbind "$copy" "$1"
}
make_place() {
  [ ! -e "$2" ] || return 0
  folder=$2
  while [ ! -d "$folder" ]; do
    folder=\${folder%/*}
    folder=\${folder:-/}
  done
  case " $devices " in
    *" $(stat -c %d "$folder") "*) ;;
    *) if [ "$folder" = / ]; then cover_root; else cover "$folder"; fi ;;
  esac
  # A link that leads nowhere is in the way.
  [ ! -L "$2" ] || rm "$2"
  if [ "$1" = file ]; then mkdir -p "\${2%/*}"; : > "$2"; else mkdir -p "$2"; fi
}
`;

/**
 * Runs in a mount namespace of its own, for as long as its input is open. It says `ready` when a
 * file system in memory is at `stageFolder` to be filled, reads what to mount where, four lines each, up to
 * `end`, says `mounted`, and waits. Everything is of util-linux and coreutils.
 *
 * A place that does not exist is made in a cover (`placesScript`); the root is covered by becoming another one.
 */
export const privateMountsScript = `
set -eu
umask 022
for tool in mount umount nsenter setpriv env stat; do
  command -v $tool >/dev/null || { echo "there is no program $tool" >&2; exit 1; }
done
cd /
stage=${stageFolder}
mount -t tmpfs -o mode=0755 fairway $stage
devices=$(stat -c %d $stage)
echo ready

${placesScript}
cover_root() {
  make_copy /
  copy_entries '' "$copy"
  umount -l "$copy$stage"
  mkdir "$copy/.fairway-stage" "$copy/.fairway-old"
  mount --bind "$stage" "$copy/.fairway-stage"
  cd "$copy"
  pivot_root . .fairway-old
  cd /
  umount -l /.fairway-old
  rmdir /.fairway-old
  stage=/.fairway-stage
}
while read -r kind && [ "$kind" != end ]; do
  read -r access; read -r source; read -r target
  make_place "$kind" "$target"
  mount --bind "$stage/$source" "$target"
  if [ "$access" = ro ]; then set -- "$@" "$target"; fi
done
[ "$kind" = end ]
for target in "$@"; do mount -o remount,bind,ro "$target"; done
cd /
umount -l $stage
[ "$stage" = ${stageFolder} ] || rmdir $stage
echo mounted
read -r _ || true
`;
