# index_first.awk -v table=NAME: a migration (sql/01 to 04) with its indexes and primary keys before the
# rows. Statements are paragraphs there. The copy moves behind the last index, where the tables have
# their final names already; the side table of usernames is filled behind its primary key.
BEGIN { RS = ""; ORS = "\n\n" }

# The statement of a paragraph, without its comment.
function statement(paragraph) {
    gsub(/(^|\n)--[^\n]*/, "", paragraph)
    sub(/^\n+/, "", paragraph)
    return paragraph
}

{
    s = statement($0)
    if (index(s, "INSERT INTO " table "_partitioned") == 1) {
        sub("INSERT INTO " table "_partitioned", "INSERT INTO " table, s)
        sub("FROM " table ";", "FROM " table "_old;", s)
        copy = s
        copies++
        next
    }
    if (s ~ /^INSERT INTO/) {
        fill = s
        next
    }
    if (copy != "" && indexed && s !~ /^(CREATE INDEX|ALTER INDEX)/) {
        print copy
        copy = ""
        moved++
    }
    print s
    if (s ~ /^ALTER INDEX .* ATTACH PARTITION/)
        indexed = 1
    if (fill != "" && s ~ /ADD CONSTRAINT .* PRIMARY KEY/) {
        print fill
        fill = ""
    }
}

END {
    if (copies != 1 || moved != 1 || fill != "") {
        print "index_first.awk: the copy into " table " was not found or not moved" > "/dev/stderr"
        exit 1
    }
}
