-- The log is the truth; every other table here, but for `pass`, is written in the same transaction as the events it
-- follows from. The tables are those of SQLite.

create table head (
    shop text primary key,
    -- Changes when the log no longer continues what readers saw.
    epoch text not null,
    position bigint not null
);

create table event (
    shop text not null,
    position bigint not null,
    id uuid not null,
    kind text not null,
    dataversion text not null,
    subject uuid,
    at bigint not null,
    correlation uuid not null,
    causation uuid,
    actor text,
    channel text,
    data text not null,
    primary key (shop, position)
);

create index event_of_subject on event (shop, subject, position) where subject is not null;

-- The same key gets the same answer.
create table receipt (
    shop text not null,
    key text not null,
    body bytea not null,
    answer text not null,
    at bigint not null,
    primary key (shop, key)
);

create index receipt_by_age on receipt (at);

create table orders (
    shop text not null,
    id uuid not null,
    guest uuid not null,
    number bigint not null,
    step text not null,
    position bigint not null,
    primary key (shop, id)
);

create index orders_of_guest on orders (shop, guest, position);

-- Which orders ended on which shop day. A row is written with the end of its order and never changed.
create table ended (
    shop text not null,
    -- Days since 1970-01-01.
    day bigint not null,
    -- Of the order's last event.
    position bigint not null,
    id uuid not null,
    primary key (shop, day, position, id)
);

-- What to call out. Sealed under the shop's key, deleted with the order's end.
create table name (
    shop text not null,
    id uuid not null,
    sealed bytea not null,
    primary key (shop, id)
);

-- States written down for the next start: the shop's own, or an extension's by its name.
create table snapshot (
    shop text not null,
    of text not null,
    version bigint not null,
    position bigint not null,
    state text not null,
    primary key (shop, of)
);

-- What opens doors: sessions, bearer tokens and one-time links, found by the hash of a secret that is stored nowhere.
-- A link that was redeemed stays as 'used' for a while, so that its second user is told why it opens nothing.
create table pass (
    -- SHA-256 of the secret.
    hash bytea primary key,
    kind text not null check (kind in ('session', 'token', 'link', 'used')),
    shop text not null,
    role text not null,
    -- UUID, the same in a link and in the session it became.
    holder text not null,
    -- Milliseconds since 1970, like due.
    made bigint not null,
    -- No longer good from here on; null: good until revoked.
    due bigint
);
