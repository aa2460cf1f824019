#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "cli/terminal.h"

#define LINE_SIZE  100 /* bytes, with the newline */
#define MUCH       (3 * PP_OUTLET_BOUND)
#define TIME_LIMIT 30 /* seconds; a test that blocks ends its program */

/* A terminal to write to and the end its reader has, which nobody reads unless a test does. */
struct fixture {
    struct pp_terminal terminal;
    int reader;
    char *read; /* all that was read, NUL-terminated */
    size_t size;
};

static int begin(void **state, int reader, int writer)
{
    struct fixture *f = calloc(1, sizeof *f);

    if (!f || reader < 0 || writer < 0 || !setlocale(LC_CTYPE, "C.UTF-8"))
        return -1;
    f->reader = reader;
    f->read = calloc(MUCH, 1);
    fcntl(reader, F_SETFL, O_NONBLOCK);
    setenv("TERM", "xterm", 1);
    pp_terminal_init(&f->terminal, fdopen(writer, "w"));
    signal(SIGPIPE, SIG_IGN);
    alarm(TIME_LIMIT);
    *state = f;
    return 0;
}

static int set_up_pipe(void **state)
{
    int ends[2];

    return pipe(ends) == 0 ? begin(state, ends[0], ends[1]) : -1;
}

static int set_up_pty(void **state)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY), slave = -1;
    struct termios settings;

    if (master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0)
        slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    if (slave >= 0 && tcgetattr(slave, &settings) == 0) {
        settings.c_oflag &= ~(tcflag_t)ONLCR; /* what is written is what is read */
        tcsetattr(slave, TCSANOW, &settings);
    }
    return begin(state, master, slave);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    alarm(0);
    fclose(f->terminal.stream);
    pp_terminal_release(&f->terminal);
    if (f->reader >= 0)
        close(f->reader);
    free(f->read);
    free(f);
    return 0;
}

/* Read what there is. */
static void drain(struct fixture *f)
{
    ssize_t got;

    while ((got = read(f->reader, f->read + f->size, MUCH - 1 - f->size)) > 0)
        f->size += (size_t)got;
}

/* Read and hand over in turn until nothing waits. A pty takes its time. */
static void drain_all(struct fixture *f)
{
    do {
        drain(f);
        usleep(1000);
    } while (!pp_outlet_push(&f->terminal.outlet, 0));
    usleep(50000);
    drain(f);
}

static void print_line(struct pp_terminal *terminal, unsigned number)
{
    char line[LINE_SIZE];

    snprintf(line, sizeof line, "%0*u", LINE_SIZE - 1, number);
    pp_terminal_print(terminal, line);
}

/* What was read is the first `count` lines, each whole, and no more. */
static void assert_lines_read(const struct fixture *f, unsigned count)
{
    char line[LINE_SIZE + 1];

    assert_int_equal(f->size, count * LINE_SIZE);
    for (unsigned i = 0; i < count; i++) {
        snprintf(line, sizeof line, "%0*u\n", LINE_SIZE - 1, i);
        assert_memory_equal(f->read + i * LINE_SIZE, line, LINE_SIZE);
    }
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void print_and_read_later(struct fixture *f)
{
    const unsigned count = 10000;

    for (unsigned i = 0; i < count; i++)
        print_line(&f->terminal, i);
    assert_true(pp_outlet_is_waiting(&f->terminal.outlet));
    drain_all(f);
    assert_int_equal(f->terminal.lost, 0);
    assert_lines_read(f, count);
}

static void a_pipe_nobody_reads_neither_blocks_nor_loses_a_line(void **state)
{
    print_and_read_later(*state);
}

static void a_terminal_nobody_reads_neither_blocks_nor_loses_a_line(void **state)
{
    print_and_read_later(*state);
}

static void a_halted_terminal_does_not_block(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(tcflow(f->terminal.fd, TCOOFF), 0);
    for (unsigned i = 0; i < 100; i++)
        print_line(&f->terminal, i);
    pp_terminal_draw(&f->terminal, "bar");
    assert_int_equal(f->terminal.used, 0);
    drain(f);
    assert_int_equal(f->size, 0);
    assert_int_equal(tcflow(f->terminal.fd, TCOON), 0);
    drain_all(f);
    assert_lines_read(f, 100);
}

static void the_descriptor_keeps_its_mode(void **state)
{
    struct fixture *f = *state;
    int before = fcntl(f->terminal.fd, F_GETFL);

    for (unsigned i = 0; i < 2000; i++)
        print_line(&f->terminal, i);
    assert_int_equal(fcntl(f->terminal.fd, F_GETFL), before);
    assert_false(before & O_NONBLOCK);
}

static void messages_beyond_the_bound_are_dropped_whole_and_counted(void **state)
{
    struct fixture *f = *state;
    const unsigned count = 2 * PP_OUTLET_BOUND / LINE_SIZE;

    for (unsigned i = 0; i < count; i++)
        print_line(&f->terminal, i);
    assert_true(f->terminal.lost > count / 3);
    drain_all(f);
    assert_lines_read(f, count - (unsigned)f->terminal.lost);
}

static void room_made_by_the_reader_is_used_again(void **state)
{
    struct fixture *f = *state;
    const unsigned count = 2 * PP_OUTLET_BOUND / LINE_SIZE;

    for (unsigned i = 0; i < count; i++) {
        print_line(&f->terminal, i);
        if (i % 1000 >= 500) /* slower than it is written to */
            drain(f);
    }
    drain_all(f);
    assert_int_equal(f->terminal.lost, 0);
    assert_lines_read(f, count);
}

static void what_is_soon_out_of_date_is_left_out_while_something_waits(void **state)
{
    struct fixture *f = *state;
    unsigned count = 0;

    while (!pp_outlet_is_waiting(&f->terminal.outlet))
        print_line(&f->terminal, count++);
    pp_terminal_remark(&f->terminal, "20%");
    pp_terminal_draw(&f->terminal, "30%");
    drain_all(f);
    assert_lines_read(f, count);
    assert_int_equal(f->terminal.lost, 0);
    pp_terminal_remark(&f->terminal, "40%");
    pp_terminal_draw(&f->terminal, "50%");
    drain_all(f);
    assert_string_equal(f->read + count * LINE_SIZE, "40%\n\r50%");
}

static void a_status_line_is_taken_away_with_the_line_in_its_place(void **state)
{
    struct fixture *f = *state;

    pp_terminal_draw(&f->terminal, "50%");
    pp_terminal_print(&f->terminal, "word");
    drain_all(f);
    assert_string_equal(f->read, "\r50%\r   \rword\n");
}

static void settling_waits_for_a_slow_reader(void **state)
{
    struct fixture *f = *state;
    const unsigned count = 5000;
    int status;

    for (unsigned i = 0; i < count; i++)
        print_line(&f->terminal, i);
    pid_t child = fork();
    if (child == 0) {
        for (unsigned i = 0; i < 4000 && f->size < count * LINE_SIZE; i++) {
            usleep(5000);
            drain(f);
        }
        _exit(f->size == count * LINE_SIZE ? 0 : 1);
    }
    pp_terminal_settle(&f->terminal, -1);
    assert_false(pp_outlet_is_waiting(&f->terminal.outlet));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void settling_gives_up_after_its_time(void **state)
{
    struct fixture *f = *state;
    double before = now();

    for (unsigned i = 0; i < 5000; i++)
        print_line(&f->terminal, i);
    pp_terminal_settle(&f->terminal, 0.2);
    assert_true(now() - before >= 0.2 && now() - before < 5);
    assert_true(pp_outlet_is_waiting(&f->terminal.outlet));
}

static void a_reader_who_has_left_is_not_waited_for(void **state)
{
    struct fixture *f = *state;

    for (unsigned i = 0; i < 5000; i++)
        print_line(&f->terminal, i);
    close(f->reader);
    f->reader = -1;
    pp_terminal_settle(&f->terminal, -1);
    assert_false(pp_outlet_is_waiting(&f->terminal.outlet));
    print_line(&f->terminal, 0);
    assert_false(pp_outlet_is_waiting(&f->terminal.outlet));
}

#define PIPE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_pipe, tear_down)
#define PTY_TEST(name)  cmocka_unit_test_setup_teardown(name, set_up_pty, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PIPE_TEST(a_pipe_nobody_reads_neither_blocks_nor_loses_a_line),
        PTY_TEST(a_terminal_nobody_reads_neither_blocks_nor_loses_a_line),
        PTY_TEST(a_halted_terminal_does_not_block),
        PIPE_TEST(the_descriptor_keeps_its_mode),
        PIPE_TEST(messages_beyond_the_bound_are_dropped_whole_and_counted),
        PIPE_TEST(room_made_by_the_reader_is_used_again),
        PIPE_TEST(what_is_soon_out_of_date_is_left_out_while_something_waits),
        PIPE_TEST(a_status_line_is_taken_away_with_the_line_in_its_place),
        PIPE_TEST(settling_waits_for_a_slow_reader),
        PTY_TEST(settling_gives_up_after_its_time),
        PIPE_TEST(a_reader_who_has_left_is_not_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
