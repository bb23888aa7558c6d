/* The world of bench_search_small.c in Promela: tasks that add to one number without a lock. */
#define TASKS 3
#define ADDS 3

byte shared, ended;

active [TASKS] proctype adder()
{
	byte i, seen;

	do
	:: i < ADDS ->
		seen = shared;
		shared = seen + 1;
		i++
	:: else -> break
	od;
	ended++;
	assert(shared <= TASKS * ADDS)
}
