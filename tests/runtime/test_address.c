/* Where sockets stand, whose directories are used, and what becomes of what the dead leave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/address.h"
#include "support_server.h"

static int begin(void **state)
{
    (void)state;
    server_directory();
    return 0;
}

static int end(void **state)
{
    (void)state;
    server_directory_remove();
    return 0;
}

static void a_dead_servers_socket_is_replaced(void **state)
{
    pid_t server = server_begin(60);
    struct pp_client *client;

    (void)state;
    server_end(server);
    assert_int_equal(access(server_path(), F_OK), 0);
    server = server_begin(60);
    client = server_connect();
    assert_int_equal(server_ask(client, SERVER_ECHO, 20), PP_OK);
    assert_int_equal(pp_client_server(client), server);
    pp_client_free(client);
    server_end(server);
    assert_true(pp_address_clean(server_path()));
    assert_int_equal(access(server_path(), F_OK), -1);
}

static void a_living_servers_socket_is_left_alone(void **state)
{
    pid_t server = server_begin(60);
    struct pp_address address;
    struct pp_error err = {0};
    char expected[160];

    (void)state;
    assert_false(pp_address_clean(server_path()));
    assert_int_equal(pp_address_listen(&address, server_path(), &err), PP_E_CONFLICT);
    snprintf(expected, sizeof expected, "%s: cannot listen: a server is alive there",
             server_path());
    assert_string_equal(err.text, expected);
    pp_address_release(&address);
    pp_client_free(server_connect());
    server_end(server);
}

static void what_is_no_socket_is_left_alone(void **state)
{
    struct pp_address address;

    (void)state;
    close(open(server_path(), O_CREAT | O_WRONLY, 0600));
    assert_int_equal(pp_address_listen(&address, server_path(), NULL), PP_E_CONFLICT);
    assert_false(pp_address_clean(server_path()));
    assert_int_equal(access(server_path(), F_OK), 0);
}

static void the_name_goes_with_its_server_and_not_with_another(void **state)
{
    struct pp_address first, second;
    struct stat info;

    (void)state;
    assert_int_equal(pp_address_listen(&first, server_path(), NULL), PP_OK);
    assert_int_equal(stat(server_path(), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(fcntl(first.fd, F_GETFD), FD_CLOEXEC);
    unlink(server_path());
    assert_int_equal(pp_address_listen(&second, server_path(), NULL), PP_OK);
    pp_address_release(&first);
    assert_int_equal(access(server_path(), F_OK), 0);
    pp_address_release(&second);
    assert_int_equal(access(server_path(), F_OK), -1);
    pp_address_release(&second);
}

static void a_directory_that_others_may_enter_or_a_link_is_refused(void **state)
{
    char directory[64], link[80], socket[96];
    struct pp_address address;

    (void)state;
    snprintf(directory, sizeof directory, "%.*s", (int)(strlen(server_path()) - 2), server_path());
    snprintf(link, sizeof link, "%s/link", directory);
    snprintf(socket, sizeof socket, "%s/s", link);
    assert_int_equal(symlink(directory, link), 0);
    assert_int_equal(pp_address_listen(&address, socket, NULL), PP_E_SYSTEM);
    unlink(link);
    assert_int_equal(chmod(directory, 0710), 0);
    assert_int_equal(pp_address_listen(&address, server_path(), NULL), PP_E_SYSTEM);
    assert_int_equal(chmod(directory, 0700), 0);
    assert_int_equal(pp_address_listen(&address, server_path(), NULL), PP_OK);
    pp_address_release(&address);
}

static void a_path_too_long_for_a_socket_is_refused(void **state)
{
    char path[200];
    struct pp_address address;

    (void)state;
    memset(path, 'x', sizeof path);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    assert_int_equal(pp_address_listen(&address, path, NULL), PP_E_USAGE);
    assert_int_equal(pp_address_connect(path), -1);
    assert_int_equal(errno, ENAMETOOLONG);
    assert_false(pp_address_clean(path));
}

static void the_users_directory_is_made_below_the_sessions(void **state)
{
    char directory[64], path[PP_ADDRESS_SIZE], expected[80];
    struct stat info;

    (void)state;
    snprintf(directory, sizeof directory, "%.*s", (int)(strlen(server_path()) - 2), server_path());
    snprintf(expected, sizeof expected, "%s/pixpool", directory);
    setenv("XDG_RUNTIME_DIR", directory, 1);
    assert_int_equal(pp_address_directory(path, NULL), PP_OK);
    assert_string_equal(path, expected);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    assert_int_equal(pp_address_directory(path, NULL), PP_OK);
    rmdir(expected);
    setenv("XDG_RUNTIME_DIR", "not/absolute", 1);
    assert_false(pp_address_place(0, path));
    unsetenv("XDG_RUNTIME_DIR");
    assert_false(pp_address_place(0, path));
    assert_true(pp_address_place(1, path));
    assert_int_equal(strncmp(path, "/tmp/pixpool-", 13), 0);
    assert_false(pp_address_place(PP_ADDRESS_PLACES, path));
}

static void many_who_come_upon_a_dead_socket_leave_one_server(void **state)
{
    enum { RIVALS = 8 };
    pid_t rivals[RIVALS];
    int ends[2], won = 0;
    char word;

    (void)state;
    server_end(server_begin(60));
    assert_int_equal(pipe(ends), 0);
    for (unsigned i = 0; i < RIVALS; i++) {
        rivals[i] = fork();
        if (rivals[i] == 0) {
            struct pp_address address;

            close(ends[1]);
            if (pp_address_listen(&address, server_path(), NULL) != PP_OK)
                _exit(1);
            (void)!read(ends[0], &word, 1); /* alive until all have tried */
            _exit(0);
        }
    }
    close(ends[0]);
    for (unsigned ended = 0; ended < RIVALS - 1; ended++) {
        int status;

        assert_true(wait(&status) > 0);
        assert_int_equal(WEXITSTATUS(status), 1);
    }
    close(ends[1]);
    for (unsigned i = 0; i < RIVALS; i++) {
        int status;

        if (waitpid(rivals[i], &status, 0) == rivals[i])
            won += WEXITSTATUS(status) == 0;
    }
    assert_int_equal(won, 1);
}

#define ADDRESS_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ADDRESS_TEST(a_dead_servers_socket_is_replaced),
        ADDRESS_TEST(a_living_servers_socket_is_left_alone),
        ADDRESS_TEST(what_is_no_socket_is_left_alone),
        ADDRESS_TEST(the_name_goes_with_its_server_and_not_with_another),
        ADDRESS_TEST(a_directory_that_others_may_enter_or_a_link_is_refused),
        ADDRESS_TEST(a_path_too_long_for_a_socket_is_refused),
        ADDRESS_TEST(the_users_directory_is_made_below_the_sessions),
        ADDRESS_TEST(many_who_come_upon_a_dead_socket_leave_one_server),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
