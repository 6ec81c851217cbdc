# Runs a command of `fairway` in a terminal of its own, types what it is told, and prints what the terminal shows.
# Arguments: steps as JSON, [["wait", TEXT], ["type", TEXT], ["size", ROWS, COLUMNS], ["kill", SIGNAL]], then the command.
import fcntl, json, os, pty, select, signal, struct, sys, termios, time

steps, command = json.loads(sys.argv[1]), sys.argv[2:]
main, inner = pty.openpty()
fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
before = termios.tcgetattr(inner)
child = os.fork()
if child == 0:
    os.setsid()
    fcntl.ioctl(inner, termios.TIOCSCTTY, 0)
    for descriptor in 0, 1, 2:
        os.dup2(inner, descriptor)
    os.execvp(command[0], command)

shown, looked = b"", 0
def read(limit):
    global shown
    end = time.monotonic() + limit
    if not select.select([main], [], [], limit)[0]:
        return False
    shown += os.read(main, 65536)
    return True

for step in steps:
    if step[0] == "wait":
        wanted = step[1].encode()
        end = time.monotonic() + 30
        while wanted not in shown[looked:]:
            if time.monotonic() > end or not read(end - time.monotonic()):
                os.kill(child, signal.SIGKILL)
                sys.exit("no %r in %r" % (wanted, shown))
        looked = shown.index(wanted, looked) + len(wanted)
    elif step[0] == "type":
        os.write(main, step[1].encode())
    elif step[0] == "size":
        fcntl.ioctl(main, termios.TIOCSWINSZ, struct.pack("HHHH", step[1], step[2], 0, 0))
    elif step[0] == "kill":
        os.kill(child, getattr(signal, step[1]))
while True:
    done, status = os.waitpid(child, os.WNOHANG)
    if done:
        break
    read(0.05)
while read(0):
    pass
code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
print(json.dumps({"code": code, "shown": shown.decode(), "isRestored": termios.tcgetattr(inner) == before}))
