"""Other file systems and broken disks: a program for which some system calls fail, as a filter on
them says that it is given at its start (seccomp(2))."""
import ctypes
import errno
import platform
import struct

from harness import Skip

NUMBERS = {
    "x86_64": {"openat": 257, "linkat": 265, "link": 86, "renameat2": 316, "fsync": 74,
               "fdatasync": 75, "syncfs": 306},
    "aarch64": {"openat": 56, "linkat": 37, "renameat2": 276, "fsync": 82, "fdatasync": 83,
                "syncfs": 267},
}
O_TMPFILE = 0o20200000 if platform.machine() == "x86_64" else 0o20040000
LOAD, JUMP_EQUAL, AND, RETURN = 0x20, 0x15, 0x54, 0x06
ALLOW, FAIL = 0x7fff0000, 0x00050000
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, FILTER = 38, 22, 2

NO_UNNAMED = ("openat", errno.EOPNOTSUPP, O_TMPFILE)  # with these flags only
NO_LINKS = [("linkat", errno.EPERM, 0), ("link", errno.EPERM, 0)]
NO_NOREPLACE = ("renameat2", errno.EINVAL, 0)


def program(calls):
    numbers = NUMBERS.get(platform.machine())
    if numbers is None:
        raise Skip("system calls have other numbers here")
    steps = [(LOAD, 0, 0, 0)]
    for name, error, flags in calls:
        if name not in numbers:
            continue
        steps += [(JUMP_EQUAL, 0, 4, numbers[name]), (LOAD, 0, 0, 16 + 8 * 2), (AND, 0, 0, flags),
                  (JUMP_EQUAL, 0, 1, flags), (RETURN, 0, 0, FAIL | error), (LOAD, 0, 0, 0)]
    steps.append((RETURN, 0, 0, ALLOW))
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def filter_calls(calls):
    """For subprocess's preexec_fn: from there on these calls fail."""
    code = program(calls)
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(code, len(code))
    head = ctypes.create_string_buffer(
        struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer)))

    def install():
        if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, FILTER, head):
            raise OSError(ctypes.get_errno(), "no filter on system calls is to be had")
    install.keep = buffer
    return install
