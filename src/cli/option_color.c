/* The options that say what becomes of colours. */
#include "cli/options.h"

#define MEMBER(name) offsetof(struct pp_options, name)

static const struct pp_choice intents[] = {
    {"relative", PP_INTENT_RELATIVE, false},
    {"perceptual", PP_INTENT_PERCEPTUAL, false},
    {"saturation", PP_INTENT_SATURATION, false},
    {"absolute", PP_INTENT_ABSOLUTE, false},
    {NULL, 0, false},
};

const struct pp_option pp_color_options[] = {
    {.name = "to-srgb",
     .group = PP_GROUP_ENCODING,
     .kind = PP_OPTION_FLAG,
     .member = MEMBER(batch.color.to_srgb),
     .summary = "convert colours to sRGB before the first filter, by the profile they come with; "
                "without it numbers and profile stay together as they are"},
    {.name = "profile",
     .argument = "FILE",
     .group = PP_GROUP_ENCODING,
     .kind = PP_OPTION_TEXT,
     .member = MEMBER(profile),
     .summary = "after the last filter convert to the space of the ICC profile FILE, and embed it; "
                "where it is of gray, colours become gray"},
    {.name = "intent",
     .argument = "perceptual|relative|saturation|absolute",
     .group = PP_GROUP_ENCODING,
     .kind = PP_OPTION_CHOICE,
     .member = MEMBER(batch.color.intent),
     .choices = intents,
     .summary = "how profiles convert; relative, the default, is colorimetric with black point "
                "compensation"},
};

const size_t pp_color_option_count = sizeof pp_color_options / sizeof *pp_color_options;
