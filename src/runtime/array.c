#include <pixpool/value.h>

#include <string.h>

_Static_assert(sizeof(struct pp_array) % 8 == 0, "the elements are aligned");

static size_t width_of(enum pp_element element)
{
    switch (element) {
    case PP_ELEMENT_BYTE:
        return 1;
    case PP_ELEMENT_I32:
    case PP_ELEMENT_U32:
        return 4;
    case PP_ELEMENT_I64:
    case PP_ELEMENT_U64:
    case PP_ELEMENT_F64:
        return 8;
    }
    return 0;
}

size_t pp_array_size(enum pp_element element, size_t count)
{
    const size_t width = width_of(element);

    if (width == 0 || count > (PTRDIFF_MAX - sizeof(struct pp_array)) / width)
        return 0;
    return sizeof(struct pp_array) + count * width;
}

enum pp_status pp_array_init(void *memory, enum pp_element element, size_t count,
                             struct pp_array **array, struct pp_error *err)
{
    const size_t size = pp_array_size(element, count);

    if (size == 0)
        return pp_error_set(err, PP_E_USAGE, "no array has %zu elements of type %d", count,
                            (int)element);
    memset(memory, 0, size);
    *array = memory;
    (*array)->element = (uint32_t)element;
    (*array)->count = count;
    return PP_OK;
}

enum pp_status pp_array_create(enum pp_element element, size_t count, struct pp_shared **shared,
                               struct pp_array **array, struct pp_error *err)
{
    const size_t size = pp_array_size(element, count);
    struct pp_shared *made = NULL;
    enum pp_status status;

    if (size > 0) {
        status = pp_shared_create(size, &made, err);
        if (status != PP_OK)
            return status;
    }
    status = pp_array_init(made ? pp_shared_data(made) : NULL, element, count, array, err);
    if (status == PP_OK)
        *shared = made;
    return status;
}

enum pp_status pp_array_open(const struct pp_shared *shared, struct pp_array **array,
                             struct pp_error *err)
{
    struct pp_array *found = pp_shared_data(shared);
    size_t size = 0;

    if (pp_shared_size(shared) >= sizeof *found && found->count <= SIZE_MAX)
        size = pp_array_size((enum pp_element)found->element, (size_t)found->count);
    if (size == 0 || size > pp_shared_size(shared))
        return pp_error_set(err, PP_E_USAGE, "no array lies in this memory");
    *array = found;
    return PP_OK;
}

size_t pp_array_count(const struct pp_array *array)
{
    return (size_t)array->count;
}

enum pp_element pp_array_element(const struct pp_array *array)
{
    return (enum pp_element)array->element;
}

struct pp_lock *pp_array_lock(struct pp_array *array)
{
    return &array->lock;
}

/* ---- several elements ----------------------------------------------------------------------- */

static enum pp_status check(const struct pp_array *array, size_t first, size_t count,
                            struct pp_error *err)
{
    if (first <= array->count && count <= array->count - first)
        return PP_OK;
    return pp_error_set(err, PP_E_USAGE, "an array of %zu elements has no %zu from %zu on",
                        (size_t)array->count, count, first);
}

static void *at(const struct pp_array *array, size_t index)
{
    unsigned char *elements = (unsigned char *)(uintptr_t)(array + 1);

    return elements + index * width_of((enum pp_element)array->element);
}

/* Relaxed, because the order of several elements is what the lock is for. */
static void load(const void *from, size_t width, size_t count, void *to)
{
    const uint32_t *narrow = from;
    const uint64_t *wide = from;
    unsigned char *out = to;

    if (width == 1)
        memcpy(to, from, count);
    for (size_t i = 0; width == 4 && i < count; i++) {
        uint32_t element = __atomic_load_n(&narrow[i], __ATOMIC_RELAXED);
        memcpy(out + 4 * i, &element, 4);
    }
    for (size_t i = 0; width == 8 && i < count; i++) {
        uint64_t element = __atomic_load_n(&wide[i], __ATOMIC_RELAXED);
        memcpy(out + 8 * i, &element, 8);
    }
}

/* `step` bytes from one element to the next at `from`: 0 for the same again and again. */
static void store(const void *from, size_t step, size_t width, size_t count, void *to)
{
    const unsigned char *in = from;
    uint32_t *narrow = to;
    uint64_t *wide = to;

    if (width == 1 && step == 1)
        memcpy(to, from, count);
    if (width == 1 && step == 0)
        memset(to, *in, count);
    for (size_t i = 0; width == 4 && i < count; i++) {
        uint32_t element;
        memcpy(&element, in + step * i, 4);
        __atomic_store_n(&narrow[i], element, __ATOMIC_RELAXED);
    }
    for (size_t i = 0; width == 8 && i < count; i++) {
        uint64_t element;
        memcpy(&element, in + step * i, 8);
        __atomic_store_n(&wide[i], element, __ATOMIC_RELAXED);
    }
}

enum pp_status pp_array_read(const struct pp_array *array, size_t first, size_t count,
                             void *elements, struct pp_error *err)
{
    enum pp_status status = check(array, first, count, err);

    if (status == PP_OK && count > 0)
        load(at(array, first), width_of((enum pp_element)array->element), count, elements);
    return status;
}

enum pp_status pp_array_write(struct pp_array *array, size_t first, size_t count,
                              const void *elements, struct pp_error *err)
{
    const size_t width = width_of((enum pp_element)array->element);
    enum pp_status status = check(array, first, count, err);

    if (status == PP_OK && count > 0)
        store(elements, width, width, count, at(array, first));
    return status;
}

enum pp_status pp_array_fill(struct pp_array *array, size_t first, size_t count,
                             const void *element, struct pp_error *err)
{
    const size_t width = width_of((enum pp_element)array->element);
    enum pp_status status = check(array, first, count, err);

    if (status == PP_OK && count > 0)
        store(element, 0, width, count, at(array, first));
    return status;
}

/* ---- one element ---------------------------------------------------------------------------- */

static void *one(struct pp_array *array, enum pp_element element, size_t index)
{
    return array->element == (uint32_t)element && index < array->count ? at(array, index) : NULL;
}

struct pp_value_i32 *pp_array_i32(struct pp_array *array, size_t index)
{
    return one(array, PP_ELEMENT_I32, index);
}

struct pp_value_u32 *pp_array_u32(struct pp_array *array, size_t index)
{
    return one(array, PP_ELEMENT_U32, index);
}

struct pp_value_i64 *pp_array_i64(struct pp_array *array, size_t index)
{
    return one(array, PP_ELEMENT_I64, index);
}

struct pp_value_u64 *pp_array_u64(struct pp_array *array, size_t index)
{
    return one(array, PP_ELEMENT_U64, index);
}

struct pp_value_f64 *pp_array_f64(struct pp_array *array, size_t index)
{
    return one(array, PP_ELEMENT_F64, index);
}
