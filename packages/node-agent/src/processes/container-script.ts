import { placesScript } from '@fairway/host/machine';

/** Where a container's file system is put together: there is always such a folder. */
const stageFolder = '/proc/driver';

/**
 * Makes what a container sees and then becomes its program. On descriptor 3 it says which process it is and
 * why it cannot go on. What comes before `--` says what to make:
 *
 * - `mount ro|rw SOURCE TARGET`, in this order
 * - `mask PATH`, `read-only PATH`: parts of the kernel's files
 * - `folder PATH`: made where it is not there
 * - `proc own|machine`, `dev own|machine`, `root ro|rw`
 *
 * The root is a file system in memory in which every folder of the machine's own root is bound, read-only. `/tmp`
 * and `/run` are new. What is mounted is bound aside first, and the machine's root taken away, so that
 * no link in a volume leads to a place of the machine where something would be made.
 */
export const containerScript = `
set -eu
umask 022
read -r pid _ </proc/self/stat
echo "pid $pid" >&3
cd /
root=${stageFolder}
mount -t tmpfs -o mode=0755 fairway $root

for entry in /* /.[!.]*; do
  twin=$root$entry
  case $entry in
    /proc | /dev | /sys | /tmp | /run) mkdir "$twin" ;;
    *)
      if [ -L "$entry" ]; then cp -P "$entry" "$twin"
      elif [ -d "$entry" ]; then mkdir "$twin"; mount --rbind "$entry" "$twin"
      fi
      ;;
  esac
done
chmod 1777 $root/tmp
mount --rbind /sys $root/sys
mkdir $root/.fairway-stage $root/.fairway-old
mount -t tmpfs -o mode=0755 fairway $root/.fairway-stage

gather_sources() {
  count=0
  while [ "$1" != -- ]; do
    case $1 in
      mount)
        count=$((count + 1))
        aside=$root/.fairway-stage/source$count
        if [ -d "$3" ]; then mkdir "$aside"; else : >"$aside"; fi
        mount --rbind "$3" "$aside"
        shift 4
        ;;
      proc) proc=$2; shift 2 ;;
      dev) dev=$2; shift 2 ;;
      *) shift 2 ;;
    esac
  done
}
gather_sources "$@"
if [ "$proc" = machine ]; then mount --rbind /proc $root/proc; umount -l $root/proc/driver; fi
cd $root
pivot_root . .fairway-old
cd /
if [ "$proc" = own ]; then mount -t proc -o nosuid,nodev,noexec proc /proc; fi
if [ "$dev" = machine ]; then mount --rbind /.fairway-old/dev /dev
else
  mount -t tmpfs -o mode=0755,nosuid fairway /dev
  for name in null zero full random urandom tty; do
    : >/dev/$name
    mount --bind /.fairway-old/dev/$name /dev/$name
  done
  mkdir /dev/pts /dev/shm /dev/mqueue
  mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,nosuid,noexec devpts /dev/pts
  mount -t mqueue -o nosuid,nodev,noexec mqueue /dev/mqueue || true
  mount -t tmpfs -o mode=1777,nosuid,nodev,noexec,size=64m fairway /dev/shm
  ln -s pts/ptmx /dev/ptmx
  ln -s /proc/self/fd /dev/fd
  for name in stdin:0 stdout:1 stderr:2; do ln -s /proc/self/fd/\${name#*:} /dev/\${name%:*}; done
fi
umount -l /.fairway-old
rmdir /.fairway-old

# The flags of a mount stay as they are: in a namespace of users they are locked.
while read -r _ _ _ _ where options _; do
  case $where in / | /proc | /proc/* | /dev | /dev/* | /.fairway-stage | /.fairway-stage/*) continue ;; esac
  case $options in
    rw*) mount -o "remount,bind,ro\${options#rw}" "$(printf '%b' "$where")" ;;
  esac
done </proc/self/mountinfo

stage=/.fairway-stage
devices="$(stat -c %d /) $(stat -c %d $stage)"
${placesScript}
make() {
  count=0
  while [ "$1" != -- ]; do
    case $1 in
      mount)
        count=$((count + 1))
        source=$stage/source$count
        if [ -d "$source" ]; then kind=folder; else kind=file; fi
        if [ $kind = folder ]; then mkdir -p "$4" 2>/dev/null || make_place folder "$4"
        else make_place file "$4"
        fi
        mount --rbind "$source" "$4"
        if [ "$2" = ro ]; then
          options=$(stat_options "$4")
          mount -o "remount,bind,ro\${options#rw}" "$4"
        fi
        shift 4
        ;;
      mask)
        if [ -d "$2" ]; then mount -t tmpfs -o ro,size=0 fairway "$2"
        elif [ -e "$2" ]; then mount --bind /dev/null "$2"
        fi
        shift 2
        ;;
      read-only)
        if [ -e "$2" ]; then
          mount --bind "$2" "$2"
          options=$(stat_options "$2")
          mount -o "remount,bind,ro\${options#rw}" "$2"
        fi
        shift 2
        ;;
      folder) mkdir -p "$2" 2>/dev/null || make_place folder "$2"; shift 2 ;;
      root) access=$2; shift 2 ;;
      *) shift 2 ;;
    esac
  done
}
# Of what is mounted last there.
stat_options() {
  path=$(readlink -f "$1")
  found=rw
  while read -r _ _ _ _ where options _; do
    [ "$(printf '%b' "$where")" != "$path" ] || found=$options
  done </proc/self/mountinfo
  echo "$found"
}
make "$@"
umount -l /.fairway-stage
rmdir /.fairway-stage
if [ "$access" = ro ]; then mount -o remount,bind,ro /; fi
while [ "$1" != -- ]; do shift; done
shift
exec "$@"
`;

/** Before all others: what tools complain of until the program begins is said on descriptor 3. */
export const apartScript = 'exec 5>&2 2>&3; exec "$@"';

/** Waits for its child, the first process of a namespace, and tells as a code how it ended. */
export const waitScript = '"$@"; exit $?';

/**
 * Takes the variables of descriptor 4, which are on no command line, and becomes the program in a folder. What
 * hinders it is said on descriptor 3.
 */
export const launchScript = `
variables=$(cat <&4)
exec 4<&-
folder=$1
shift
cd -- "$folder" || { echo "chdir to cwd (\\"$folder\\") failed" >&3; exit 128; }
eval "$variables"
if ! command -v -- "$1" >/dev/null; then
  case $1 in
    */*) echo "exec: \\"$1\\": stat $1: no such file or directory, or it may not be run: not found" >&3 ;;
    *) echo "exec: \\"$1\\": executable file not found in \\$PATH" >&3 ;;
  esac
  exit 127
fi
echo started >&3
exec 2>&5 3>&- 5>&-
exec "$@"
`;

/** Shell commands that set variables. Those whose names a shell does not know are told apart. */
export function exportsOf(variables: Readonly<Record<string, string>>): {
  readonly script: string;
  readonly others: readonly string[];
} {
  const lines: string[] = [];
  const others: string[] = [];
  for (const [name, value] of Object.entries(variables)) {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !shellsOwn.has(name)) {
      lines.push(`export ${name}='${value.replaceAll("'", `'\\''`)}'`);
    } else {
      others.push(`${name}=${value}`);
    }
  }
  return { script: lines.join('\n'), others };
}

/** Variables that some shells let nobody set. */
const shellsOwn = new Set(['UID', 'EUID', 'PPID', 'BASHOPTS', 'BASH_VERSINFO', 'SHELLOPTS']);
