-- Wait for those who write to the table or to a partition of it, and let nobody begin
LOCK TABLE :source IN SHARE ROW EXCLUSIVE MODE;
