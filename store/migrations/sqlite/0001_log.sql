-- The log is the truth; every other table here is written in the same transaction as the events it follows from.

create table head (
    shop text primary key,
    -- Changes when the log no longer continues what readers saw.
    epoch text not null,
    position integer not null
) strict, without rowid;

create table event (
    shop text not null,
    position integer not null,
    id blob not null,
    kind text not null,
    dataversion text not null,
    subject blob,
    at integer not null,
    correlation blob not null,
    causation blob,
    actor text,
    channel text,
    data text not null,
    primary key (shop, position)
) strict, without rowid;

create index event_of_subject on event (shop, subject, position) where subject is not null;

-- The same key gets the same answer.
create table receipt (
    shop text not null,
    key text not null,
    body blob not null,
    answer text not null,
    at integer not null,
    primary key (shop, key)
) strict, without rowid;

create index receipt_by_age on receipt (at);

create table orders (
    shop text not null,
    id blob not null,
    guest blob not null,
    number integer not null,
    step text not null,
    position integer not null,
    primary key (shop, id)
) strict, without rowid;

create index orders_of_guest on orders (shop, guest, position);

-- What to call out. Sealed under the shop's key, deleted with the order's end.
create table name (
    shop text not null,
    id blob not null,
    sealed blob not null,
    primary key (shop, id)
) strict, without rowid;

create table snapshot (
    shop text primary key,
    version integer not null,
    position integer not null,
    state text not null
) strict, without rowid;
