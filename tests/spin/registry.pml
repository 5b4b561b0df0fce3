// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The registry of types (src/rt/registry.c) as spin explores it: every order
// of every step of several threads.
//
// There are two types, B naming A. A thread adds a module with A, or with A
// and B, or runs out of memory between the two; it then clones a reference,
// drops what it holds in either order, and starts again. An object is the memory of a
// group: it is alive from its allocation until it is freed, may then be
// allocated again, and every touch of one that is not alive is an error. So
// are two objects for one type while somebody holds the older, and anything
// that is left in the end.
//
// BROKEN makes one of the mistakes that this is about, to show that it would
// be found:
//   1  who brings the count to zero outside the lock removes the group
//   2  the same, but looks at the count again under the lock
//   3  the quick way down reads and writes the count in two steps
//   4  a group that dies keeps what it names
#ifndef BROKEN
#define BROKEN 0
#endif
#ifndef USERS
#define USERS 2
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif

#define A       0
#define B       1
#define TYPES   2
#define OBJECTS 6
#define NONE    OBJECTS

bool locked;
byte table[TYPES];         // the member, or NONE
bool alive[OBJECTS];
byte refs[OBJECTS];
byte type_of[OBJECTS];
byte names[OBJECTS];       // the object of A that one of B names, or NONE

inline lock() {
    atomic { !locked -> locked = true }
}

inline unlock() {
    locked = false
}

// New memory for a type that is in the table from then on, with no reference.
inline insert(type, object) {
    d_step {
        object = 0;
        do
        :: object < OBJECTS && alive[object] -> object++
        :: else -> break
        od;
        assert(object < OBJECTS);
        alive[object] = true;
        refs[object] = 0;
        type_of[object] = type;
        names[object] = NONE;
        table[type] = object
    }
}

inline ref(object) {
    atomic { assert(alive[object]); refs[object]++ }
}

// With the lock held.
inline intern(type, object) {
    object = table[type];
    if
    :: object != NONE
    :: else ->
        insert(type, object);
        if
        :: type == B -> names[object] = table[A]; ref(table[A])
        :: else
        fi
    fi;
    ref(object)
}

// With the lock held, after a count became zero: out of the table, and what it
// names loses a reference. `dead` and `dead2` are freed after the lock.
inline bury(object) {
    assert(alive[object]);
    table[type_of[object]] = NONE;
    dead = object;
    if
    :: names[object] != NONE && BROKEN != 4 ->
        left = 0;
        atomic {
            assert(alive[names[object]] && refs[names[object]] > 0);
            refs[names[object]]--;
            left = refs[names[object]]
        };
        if
        :: left == 0 ->
            table[type_of[names[object]]] = NONE;
            dead2 = names[object]
        :: else
        fi
    :: else
    fi
}

inline free_dead() {
    d_step {
        if
        :: dead != NONE -> assert(alive[dead]); alive[dead] = false
        :: else
        fi;
        if
        :: dead2 != NONE -> assert(alive[dead2]); alive[dead2] = false
        :: else
        fi;
        dead = NONE;
        dead2 = NONE
    }
}

// With the lock held.
inline unref_locked(object) {
    atomic {
        assert(alive[object] && refs[object] > 0);
        refs[object]--;
        left = refs[object]
    };
    if
    :: left == 0 -> bury(object)
    :: else
    fi
}

#if BROKEN == 1 || BROKEN == 2

inline unref(object) {
    atomic {
        assert(alive[object] && refs[object] > 0);
        refs[object]--;
        left = refs[object]
    };
    if
    :: left == 0 ->
        lock();
        if
        :: BROKEN == 2 ->
            assert(alive[object]);
            if
            :: refs[object] == 0 -> bury(object)
            :: else
            fi
        :: else -> bury(object)
        fi;
        unlock();
        free_dead()
    :: else
    fi
}

#else

inline unref(object) {
    atomic { assert(alive[object]); left = refs[object] };
    dropped = false;
    do
    :: left > 1 && !dropped ->
#if BROKEN == 3
        atomic { assert(alive[object]); refs[object] = left - 1; dropped = true }
#else
        atomic { // compare and exchange
            assert(alive[object]);
            if
            :: refs[object] == left -> refs[object]--; dropped = true
            :: else -> left = refs[object]
            fi
        }
#endif
    :: else -> break
    od;
    if
    :: !dropped ->
        lock();
        unref_locked(object);
        unlock();
        free_dead()
    :: else
    fi;
    dropped = false
}

#endif

proctype user() {
    byte rounds = ROUNDS;
    byte a = NONE, b = NONE; // what it holds
    byte left = 0, dead = NONE, dead2 = NONE;
    bool dropped = false;

    do
    :: rounds == 0 -> break
    :: else ->
        rounds--;
        lock();
        intern(A, a);
        if
        :: intern(B, b)                        // a module of both
        :: true                                // a module of A
        :: unref_locked(a); a = NONE           // no memory for B
        fi;
        unlock();
        free_dead();
        if
        :: a == NONE
        :: else ->
            assert(alive[a] && table[A] == a);
            if
            :: ref(a); unref(a)
            :: true
            fi;
            if
            :: b == NONE -> unref(a)
            :: b != NONE ->
                assert(alive[b] && table[B] == b && names[b] == a);
                unref(b);
                assert(alive[a] && table[A] == a);
                unref(a)
            :: b != NONE ->
                unref(a);
                // What B names stays.
                assert(alive[b] && alive[names[b]]);
                assert(table[A] == names[b]);
                unref(b)
            fi
        fi;
        a = NONE;
        b = NONE;
        left = 0
    od
}

init {
    byte i;
    d_step {
        table[A] = NONE;
        table[B] = NONE;
        for (i : 0 .. OBJECTS - 1) {
            names[i] = NONE
        }
        i = 0
    };
    atomic {
        do
        :: i < USERS -> run user(); i++
        :: else -> break
        od
    };
    _nr_pr == 1; // all users are done
    assert(!locked && table[A] == NONE && table[B] == NONE);
    for (i : 0 .. OBJECTS - 1) {
        assert(!alive[i])
    }
}
