-- Which key the shop's codes, guests and names depend on; the key itself is in a file. Null: not known yet.
alter table head add column key_fingerprint bytea;
