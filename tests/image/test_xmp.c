/* XMP properties set and taken out, as attributes and as elements; the rest byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/xmp.h"

static bool is_named(const char *name, size_t length, const char *wanted)
{
    return strlen(wanted) == length && memcmp(name, wanted, length) == 0;
}

/* t:Set becomes 1234, t:Go goes. */
static enum pp_xmp_verdict judge(const void *unused, const char *name, size_t length,
                                 const char **text)
{
    (void)unused;
    *text = "1234";
    if (is_named(name, length, "t:Set"))
        return PP_XMP_SET;
    return is_named(name, length, "t:Go") ? PP_XMP_DROP : PP_XMP_KEEP;
}

static const struct pp_xmp_edit edit = {judge, NULL};

/* What becomes of `packet`; itself when nothing does, NULL when it cannot be followed. */
static char *change(const char *packet, size_t size)
{
    uint8_t *result = NULL, *exact = malloc(size > 0 ? size : 1);
    size_t result_size = 0;

    assert_non_null(exact);
    memcpy(exact, packet, size);
    bool sound = pp_xmp_change(exact, size, &edit, &result, &result_size) == PP_OK;
    char *text =
        sound ? strndup(result ? (char *)result : packet, result ? result_size : size) : NULL;
    free(result);
    free(exact);
    return text;
}

static void assert_change(const char *packet, const char *expected)
{
    char *found = change(packet, strlen(packet));

    if (!expected)
        assert_null(found);
    else
        assert_string_equal(found ? found : "(refused)", expected);
    free(found);
}

static void attributes_are_set_and_go(void **state)
{
    (void)state;
    assert_change("<r:D t:Set=\"6\" a=\"b\">x</r:D>", "<r:D t:Set=\"1234\" a=\"b\">x</r:D>");
    assert_change("<r:D t:Set='6'/>", "<r:D t:Set='1234'/>");
    assert_change("<r:D a:a=\"1\"\n t:Go = \">\"\n b:b='2' />", "<r:D a:a=\"1\"\n b:b='2' />");
}

static void elements_are_set_and_go(void **state)
{
    (void)state;
    assert_change("<D><t:Set>6</t:Set>\n</D>", "<D><t:Set>1234</t:Set>\n</D>");
    assert_change("<D><t:Set></t:Set></D>", "<D><t:Set>1234</t:Set></D>");
    assert_change("<D><t:Go>1,2N</t:Go><a/></D>", "<D><a/></D>");
    assert_change("<D><t:Go/><a/></D>", "<D><a/></D>");
    assert_change("<D><t:Go a='/'><b><t:Go>1</t:Go><c/></b><!-- <d> --></t:Go><a/></D>",
                  "<D><a/></D>");
}

static void a_structure_is_not_set(void **state)
{
    (void)state;
    assert_change("<D t:Set='1'><t:Set><b>1</b></t:Set></D>",
                  "<D t:Set='1234'><t:Set><b>1</b></t:Set></D>");
}

static void what_is_not_meant_stays_byte_for_byte(void **state)
{
    static const char *const packets[] = {
        "",
        "no XML at all",
        "<?xpacket begin=\"\xEF\xBB\xBF\"?><x:xmpmeta xmlns:x='adobe:ns:meta/'/>\n   <?xpacket?>",
        "<broken <a:b c:d=>",
        "<D>t:Set is a word here <![CDATA[<t:Go>]]> <!-- t:Go --> </D>",
        "<D xt:Set='1' t:Sets='2' t:go='3'/>",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++)
        assert_change(packets[i], packets[i]);
}

static void what_cannot_be_followed_is_refused_when_it_matters(void **state)
{
    static const char *const packets[] = {
        "<D t:Go='1",   "<D><t:Go>",       "<D t:Go=1 />",        "<t:Go",
        "<D><t:Go></D", "<!DOCTYPE t:Go>", "<D><!-- <t:Go/></D>", "<D t:Go/>",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++)
        assert_change(packets[i], NULL);
}

static void other_encodings_are_refused(void **state)
{
    (void)state;
    assert_null(change("<\0D\0", 4));
    char *padded = change("<D t:Go='1'/>\0\0", 15);
    assert_string_equal(padded, "<D/>");
    free(padded);
}

static void no_packet_leads_outside(void **state)
{
    static const char packet[] =
        "<?x?><D t:Set='1' t:Go=\"2\"><t:Set>3</t:Set><t:Go><a/></t:Go></D>";
    static const char odd[] = "<>/='\"!?: t";
    char changed[sizeof(packet)];

    (void)state;
    for (size_t size = 0; size < sizeof(packet); size++)
        free(change(packet, size));
    for (size_t at = 0; at < sizeof(packet) - 1; at++) {
        for (size_t i = 0; i < sizeof(odd) - 1; i++) {
            memcpy(changed, packet, sizeof(packet));
            changed[at] = odd[i];
            free(change(changed, sizeof(packet) - 1));
        }
    }
}

static void places_are_known_by_their_names(void **state)
{
    static const char *const places[] = {
        "exif:GPSLatitude",  "exif:GPSAltitudeRef",       "GPSLongitude", "drone-dji:GpsLatitude",
        "geo:lat",           "drone-dji:GpsLongtitude",   "geo:long",     "any:latitudeOfCamera",
        "exif:GPSTimeStamp", "lr:LongitudeOfTheTelescope"};
    static const char *const others[] = {"exif:PixelXDimension", "dc:latex", "geo:note", "GP", "",
                                         "photoshop:City"};

    (void)state;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        assert_true(pp_xmp_is_place(places[i], strlen(places[i])));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_false(pp_xmp_is_place(others[i], strlen(others[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_are_set_and_go),
        cmocka_unit_test(elements_are_set_and_go),
        cmocka_unit_test(a_structure_is_not_set),
        cmocka_unit_test(what_is_not_meant_stays_byte_for_byte),
        cmocka_unit_test(what_cannot_be_followed_is_refused_when_it_matters),
        cmocka_unit_test(other_encodings_are_refused),
        cmocka_unit_test(no_packet_leads_outside),
        cmocka_unit_test(places_are_known_by_their_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
