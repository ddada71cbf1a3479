:empty;SELECT 1:empty;:blank :empty -- a
:blank SELECT 2;
:empty /* b */ :blank SELECT :empty'a';