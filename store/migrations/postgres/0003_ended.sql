-- 0001_log.sql already has the tables of this step. The file keeps the numbers and names of both folders equal.
select 1;
