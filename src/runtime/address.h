/*
 * runtime/address.h - where servers' sockets stand: names in directories that no other user enters.
 *
 * The user's own directory is "pixpool" below $XDG_RUNTIME_DIR where that is the user's, or else
 * /tmp/pixpool-UID. No directory is used that is a link, another's, or open to others. A socket
 * whose server is dead is removed by whoever comes upon it; making and removing go one at a time,
 * under a lock on the directory that ends with its holder.
 *
 * Any process, any thread. UID is the effective one.
 */
#ifndef PP_RUNTIME_ADDRESS_H
#define PP_RUNTIME_ADDRESS_H

#include <stdbool.h>
#include <sys/types.h>

#include <pixpool/error.h>

#define PP_ADDRESS_SIZE 108 /* bytes with the 0 that a socket's path may have */

/* The directories in which there may be sockets of this user's: the first is the one to use. */
#define PP_ADDRESS_PLACES 2

/*
 * The place's path into `path`; false when there is none of that number: $XDG_RUNTIME_DIR is not
 * set or not this user's, or the path is too long. Nothing is made.
 */
bool pp_address_place(unsigned number, char path[PP_ADDRESS_SIZE]);

/* The first of the places that there can be, made if it is missing. PP_E_SYSTEM. */
enum pp_status pp_address_directory(char path[PP_ADDRESS_SIZE], struct pp_error *err);

/* A descriptor of the directory once it is known to be the user's alone; -1 and errno otherwise:
 * EPERM when it is another's or open to others. */
int pp_address_open_directory(const char *path);

/* A socket of ours that listens. */
struct pp_address {
    char path[PP_ADDRESS_SIZE];
    dev_t device; /* of its name, to know it again */
    ino_t inode;
    int fd; /* -1: none */
};

/*
 * Listen at the path, in a directory as above; the descriptor does not block and is closed by exec.
 * What a dead server left there is replaced. Errors: PP_E_USAGE for a path that is too long,
 * PP_E_CONFLICT when a server is alive there, or something else than a socket is,
 * PP_E_SYSTEM.
 */
enum pp_status pp_address_listen(struct pp_address *address, const char *path,
                                 struct pp_error *err);

/* Take the name away, if it is still ours, and close. A struct that listens nowhere is left. */
void pp_address_release(struct pp_address *address);

/* Remove the socket if nobody listens to it any more. True when it is gone. */
bool pp_address_clean(const char *path);

/* A socket that does not block, connected to the path: its descriptor, or -1 and errno: EAGAIN
 * when the server has too many waiting, ECONNREFUSED when it is dead, ENAMETOOLONG. */
int pp_address_connect(const char *path);

/* Whether the process at the other end is this user's; *process is its id. */
bool pp_address_peer_is_own(int fd, pid_t *process);

#endif
