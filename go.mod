module github.com/synod-log/synod

go 1.26
