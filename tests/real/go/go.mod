module foliot.test/real

go 1.21
