-- Which orders ended on which shop day. A row is written with the end of its order and never changed, so that a list of
-- a day is a short walk along the key, however long the log.
create table ended (
    shop text not null,
    -- Days since 1970-01-01.
    day integer not null,
    -- Of the order's last event.
    position integer not null,
    id blob not null,
    primary key (shop, day, position, id)
) strict, without rowid;

-- What ended before there was this table. No more than the last 50,000 events of a shop are looked at: they are a day
-- and more, and the start after an upgrade does not wait for a long log. Until then every shop day ended at four by the
-- local clock.
insert into ended (shop, day, position, id)
select
    event.shop,
    cast(strftime('%s', date(event.at / 1000, 'unixepoch', 'localtime', '-4 hours')) as integer) / 86400,
    event.position,
    event.subject
from head cross join event on event.shop = head.shop and event.position > head.position - 50000
where event.kind = 'OrderProcessor.OrderFinished';
