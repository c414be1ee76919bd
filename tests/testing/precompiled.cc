// Nothing: a program must be there for its precompiled headers to be shared (tests/CMakeLists.txt).

int main() {}
