#include <pixpool/value.h>

#include <stdatomic.h>

/* No lock may hide in these: it would be one that only this process knows. */
_Static_assert(ATOMIC_INT_LOCK_FREE == 2 && sizeof(int) == 4, "32 bits are atomic");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 && sizeof(long long) == 8, "64 bits are atomic");
_Static_assert(sizeof(double) == sizeof(int64_t), "so is a double");

/* ---- i32 ---- */

int32_t pp_value_i32_get(const struct pp_value_i32 *value)
{
    return __atomic_load_n(&value->cell, __ATOMIC_SEQ_CST);
}

void pp_value_i32_set(struct pp_value_i32 *value, int32_t number)
{
    __atomic_store_n(&value->cell, number, __ATOMIC_SEQ_CST);
}

int32_t pp_value_i32_add(struct pp_value_i32 *value, int32_t number)
{
    return __atomic_add_fetch(&value->cell, number, __ATOMIC_SEQ_CST);
}

bool pp_value_i32_exchange_if(struct pp_value_i32 *value, int32_t *expected, int32_t number)
{
    return __atomic_compare_exchange_n(&value->cell, expected, number, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}

/* ---- u32 ---- */

uint32_t pp_value_u32_get(const struct pp_value_u32 *value)
{
    return __atomic_load_n(&value->cell, __ATOMIC_SEQ_CST);
}

void pp_value_u32_set(struct pp_value_u32 *value, uint32_t number)
{
    __atomic_store_n(&value->cell, number, __ATOMIC_SEQ_CST);
}

uint32_t pp_value_u32_add(struct pp_value_u32 *value, uint32_t number)
{
    return __atomic_add_fetch(&value->cell, number, __ATOMIC_SEQ_CST);
}

bool pp_value_u32_exchange_if(struct pp_value_u32 *value, uint32_t *expected, uint32_t number)
{
    return __atomic_compare_exchange_n(&value->cell, expected, number, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}

/* ---- i64 ---- */

int64_t pp_value_i64_get(const struct pp_value_i64 *value)
{
    return __atomic_load_n(&value->cell, __ATOMIC_SEQ_CST);
}

void pp_value_i64_set(struct pp_value_i64 *value, int64_t number)
{
    __atomic_store_n(&value->cell, number, __ATOMIC_SEQ_CST);
}

int64_t pp_value_i64_add(struct pp_value_i64 *value, int64_t number)
{
    return __atomic_add_fetch(&value->cell, number, __ATOMIC_SEQ_CST);
}

bool pp_value_i64_exchange_if(struct pp_value_i64 *value, int64_t *expected, int64_t number)
{
    return __atomic_compare_exchange_n(&value->cell, expected, number, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}

/* ---- u64 ---- */

uint64_t pp_value_u64_get(const struct pp_value_u64 *value)
{
    return __atomic_load_n(&value->cell, __ATOMIC_SEQ_CST);
}

void pp_value_u64_set(struct pp_value_u64 *value, uint64_t number)
{
    __atomic_store_n(&value->cell, number, __ATOMIC_SEQ_CST);
}

uint64_t pp_value_u64_add(struct pp_value_u64 *value, uint64_t number)
{
    return __atomic_add_fetch(&value->cell, number, __ATOMIC_SEQ_CST);
}

bool pp_value_u64_exchange_if(struct pp_value_u64 *value, uint64_t *expected, uint64_t number)
{
    return __atomic_compare_exchange_n(&value->cell, expected, number, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}

/* ---- f64 ---- */

double pp_value_f64_get(const struct pp_value_f64 *value)
{
    double number;

    __atomic_load(&value->cell, &number, __ATOMIC_SEQ_CST);
    return number;
}

void pp_value_f64_set(struct pp_value_f64 *value, double number)
{
    __atomic_store(&value->cell, &number, __ATOMIC_SEQ_CST);
}

double pp_value_f64_add(struct pp_value_f64 *value, double number)
{
    double seen = pp_value_f64_get(value), sum;

    do {
        sum = seen + number;
    } while (!pp_value_f64_exchange_if(value, &seen, sum));
    return sum;
}

bool pp_value_f64_exchange_if(struct pp_value_f64 *value, double *expected, double number)
{
    return __atomic_compare_exchange(&value->cell, expected, &number, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_SEQ_CST);
}
