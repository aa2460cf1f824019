/*
 * pixpool/value.h - numbers and arrays of them that several processes share.
 *
 * To be placed in memory that all who use them see, as <pixpool/sync.h> explains; zero bytes are
 * valid numbers of value 0. Any process and thread may call everything at any time: each change of
 * one number is atomic, and in one order for all who look. (Python's Value and Array have a lock
 * around each access instead, and `+=` on them is no atomic step.) What takes several steps needs a
 * lock: a struct pp_lock beside the value; an array has one.
 *
 * A process killed at any instruction leaves a number as it was before a change or after it.
 */
#ifndef PIXPOOL_VALUE_H
#define PIXPOOL_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/api.h>
#include <pixpool/error.h>
#include <pixpool/shared.h>
#include <pixpool/sync.h>

PP_BEGIN_DECLS

/* ---- values --------------------------------------------------------------------------------- */

struct pp_value_i32 {
    int32_t cell; /* not for use; the same below */
};

/* The number as it is. */
PP_API int32_t pp_value_i32_get(const struct pp_value_i32 *value);

PP_API void pp_value_i32_set(struct pp_value_i32 *value, int32_t number);

/* Add (a negative number subtracts), wrapping at the type's ends. Returns the sum. */
PP_API int32_t pp_value_i32_add(struct pp_value_i32 *value, int32_t number);

/*
 * Store `number` if the value is *expected; else put what it is into *expected and return false,
 * for the caller to think again.
 */
PP_API bool pp_value_i32_exchange_if(struct pp_value_i32 *value, int32_t *expected, int32_t number);

/* The same for unsigned numbers of 32 bits. */
struct pp_value_u32 {
    uint32_t cell;
};

PP_API uint32_t pp_value_u32_get(const struct pp_value_u32 *value);
PP_API void pp_value_u32_set(struct pp_value_u32 *value, uint32_t number);
PP_API uint32_t pp_value_u32_add(struct pp_value_u32 *value, uint32_t number);
PP_API bool pp_value_u32_exchange_if(struct pp_value_u32 *value, uint32_t *expected,
                                     uint32_t number);

/* The same for 64 bits. */
struct pp_value_i64 {
    int64_t cell;
};

PP_API int64_t pp_value_i64_get(const struct pp_value_i64 *value);
PP_API void pp_value_i64_set(struct pp_value_i64 *value, int64_t number);
PP_API int64_t pp_value_i64_add(struct pp_value_i64 *value, int64_t number);
PP_API bool pp_value_i64_exchange_if(struct pp_value_i64 *value, int64_t *expected, int64_t number);

struct pp_value_u64 {
    uint64_t cell;
};

PP_API uint64_t pp_value_u64_get(const struct pp_value_u64 *value);
PP_API void pp_value_u64_set(struct pp_value_u64 *value, uint64_t number);
PP_API uint64_t pp_value_u64_add(struct pp_value_u64 *value, uint64_t number);
PP_API bool pp_value_u64_exchange_if(struct pp_value_u64 *value, uint64_t *expected,
                                     uint64_t number);

/* The same for floating point; exchange_if compares bits: 0.0 is not -0.0, and a NaN is itself. */
struct pp_value_f64 {
    double cell;
};

PP_API double pp_value_f64_get(const struct pp_value_f64 *value);
PP_API void pp_value_f64_set(struct pp_value_f64 *value, double number);
PP_API double pp_value_f64_add(struct pp_value_f64 *value, double number);
PP_API bool pp_value_f64_exchange_if(struct pp_value_f64 *value, double *expected, double number);

/* ---- arrays --------------------------------------------------------------------------------- */

enum pp_element {
    PP_ELEMENT_BYTE = 1, /* uint8_t; text, or structs of one's own */
    PP_ELEMENT_I32,
    PP_ELEMENT_U32,
    PP_ELEMENT_I64,
    PP_ELEMENT_U64,
    PP_ELEMENT_F64
};

/* A lock, a type, a count; the elements follow in the same memory. */
struct pp_array {
    struct pp_lock lock;
    uint32_t element;
    uint32_t unused;
    uint64_t count;
};

/* Bytes that an array takes; 0 when `element` is no type, or for more than memory can have. */
PP_API size_t pp_array_size(enum pp_element element, size_t count);

/*
 * Make an array of zeros at `memory`, which has pp_array_size() bytes and is aligned to 8, as part
 * of something larger. Nobody else may use it before. PP_E_USAGE for no type, or a size too large.
 */
PP_API enum pp_status pp_array_init(void *memory, enum pp_element element, size_t count,
                                    struct pp_array **array, struct pp_error *err) PP_MUST_CHECK;

/*
 * An array of zeros in shared memory of its own; *array is valid until *shared is freed, which is
 * the caller's to do. Errors as pp_shared_create().
 */
PP_API enum pp_status pp_array_create(enum pp_element element, size_t count,
                                      struct pp_shared **shared, struct pp_array **array,
                                      struct pp_error *err) PP_MUST_CHECK;

/*
 * The array at the beginning of memory that was attached. PP_E_USAGE when what lies there is none,
 * or is longer than the memory.
 */
PP_API enum pp_status pp_array_open(const struct pp_shared *shared, struct pp_array **array,
                                    struct pp_error *err) PP_MUST_CHECK;

PP_API size_t pp_array_count(const struct pp_array *array);
PP_API enum pp_element pp_array_element(const struct pp_array *array);

/* Its own lock, which no function here acquires: it is for those who agree to use it. */
PP_API struct pp_lock *pp_array_lock(struct pp_array *array);

/*
 * Copy `count` elements from `first` on out of the array or into it, or make them all the one at
 * `element`. Each element is read and written whole, but others can change it in between: hold the
 * lock where the elements belong together. `elements` is of the array's type. Nothing is copied,
 * and PP_E_USAGE returned, when any is outside of the array.
 */
PP_API enum pp_status pp_array_read(const struct pp_array *array, size_t first, size_t count,
                                    void *elements, struct pp_error *err) PP_MUST_CHECK;
PP_API enum pp_status pp_array_write(struct pp_array *array, size_t first, size_t count,
                                     const void *elements, struct pp_error *err) PP_MUST_CHECK;
PP_API enum pp_status pp_array_fill(struct pp_array *array, size_t first, size_t count,
                                    const void *element, struct pp_error *err) PP_MUST_CHECK;

/*
 * One element as a value, to be got, set and added to as such. NULL when the array has no element
 * `index` or is of another type. Valid as long as the array's memory is mapped.
 */
PP_API struct pp_value_i32 *pp_array_i32(struct pp_array *array, size_t index);
PP_API struct pp_value_u32 *pp_array_u32(struct pp_array *array, size_t index);
PP_API struct pp_value_i64 *pp_array_i64(struct pp_array *array, size_t index);
PP_API struct pp_value_u64 *pp_array_u64(struct pp_array *array, size_t index);
PP_API struct pp_value_f64 *pp_array_f64(struct pp_array *array, size_t index);

PP_END_DECLS

#endif
