#include "traces/xxh64.h"

#include "traces/bytes.h"

static const u64 prime[] = {
	0x9e3779b185ebca87, 0xc2b2ae3d27d4eb4f, 0x165667b19e3779f9, 0x85ebca77c2b2ae63, 0x27d4eb2f165667c5,
};

static u64 rotate(u64 value, u32 bits)
{
	return value << bits | value >> (64 - bits);
}

static u64 mix(u64 lane, u64 word)
{
	return rotate(lane + word * prime[1], 31) * prime[0];
}

static u64 scramble(u64 hash)
{
	hash = (hash ^ hash >> 33) * prime[1];
	hash = (hash ^ hash >> 29) * prime[2];
	return hash ^ hash >> 32;
}

static u64 absorb_tail(u64 hash, const u8 *at, size_t left)
{
	for (; left >= 8; left -= 8, at += 8)
		hash = rotate(hash ^ mix(0, load_le64(at)), 27) * prime[0] + prime[3];
	if (left >= 4) {
		hash = rotate(hash ^ load_le32(at) * prime[0], 23) * prime[1] + prime[2];
		left -= 4;
		at += 4;
	}
	while (left-- > 0)
		hash = rotate(hash ^ *at++ * prime[4], 11) * prime[0];
	return hash;
}

u64 xxh64(const void *data, size_t size)
{
	const u8 *at = data;
	size_t left = size;
	u64 hash = prime[4];

	if (size >= 32) {
		u64 lane[4] = { prime[0] + prime[1], prime[1], 0, -prime[0] };

		for (; left >= 32; left -= 32, at += 32) {
			for (u32 i = 0; i < 4; i++)
				lane[i] = mix(lane[i], load_le64(at + 8 * i));
		}
		hash = rotate(lane[0], 1) + rotate(lane[1], 7) + rotate(lane[2], 12) + rotate(lane[3], 18);
		for (u32 i = 0; i < 4; i++)
			hash = (hash ^ mix(0, lane[i])) * prime[0] + prime[3];
	}
	return scramble(absorb_tail(hash + size, at, left));
}
