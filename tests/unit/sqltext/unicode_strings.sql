SELECT U&'d\0061t\+000061;' UESCAPE '!', u&'a''b\', U&"d\0061t;", u&"""";
SELECT U & 'a', u& 'b', u&x;