/* nothing ; here */
