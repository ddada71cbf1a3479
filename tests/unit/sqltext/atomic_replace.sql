create or replace function f() returns int
begin atomic
  select 1;

  select case when true then case when false then 1 end else 2 end;
end;
select 2;