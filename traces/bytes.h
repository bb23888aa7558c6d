/*
 * bytes.h - little-endian integers at any address, on any machine.
 */
#ifndef TRACES_BYTES_H
#define TRACES_BYTES_H

#include <glib.h>
#include <string.h>

#include "sim/types.h"

static inline u32 load_le16(const u8 *at)
{
	u16 value;

	memcpy(&value, at, sizeof(value));
	return GUINT16_FROM_LE(value);
}

static inline u32 load_le32(const u8 *at)
{
	u32 value;

	memcpy(&value, at, sizeof(value));
	return GUINT32_FROM_LE(value);
}

static inline u64 load_le64(const u8 *at)
{
	u64 value;

	memcpy(&value, at, sizeof(value));
	return GUINT64_FROM_LE(value);
}

static inline void store_le16(u8 *at, u32 value)
{
	u16 le = GUINT16_TO_LE((u16)value);

	memcpy(at, &le, sizeof(le));
}

static inline void store_le32(u8 *at, u32 value)
{
	u32 le = GUINT32_TO_LE(value);

	memcpy(at, &le, sizeof(le));
}

static inline void store_le64(u8 *at, u64 value)
{
	u64 le = GUINT64_TO_LE(value);

	memcpy(at, &le, sizeof(le));
}

#endif
