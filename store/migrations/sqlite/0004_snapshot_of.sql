-- Whose state it is: the shop's own, or an extension's by its name. What is there is the shop's own.
create table snapshot_of (
    shop text not null,
    of text not null,
    version integer not null,
    position integer not null,
    state text not null,
    primary key (shop, of)
) strict, without rowid;

insert into snapshot_of (shop, of, version, position, state) select shop, 'Shop', version, position, state from snapshot;

drop table snapshot;

alter table snapshot_of rename to snapshot;
