module peer

go 1.26.0

require (
	github.com/asaskevich/EventBus v0.0.0-20200907212545-49d423059eef
	github.com/google/uuid v1.3.0
	github.com/myzhan/boomer v1.6.0
	github.com/olekukonko/tablewriter v0.0.5
	github.com/shirou/gopsutil v3.21.11+incompatible
	github.com/ugorji/go/codec v1.2.7
	github.com/zeromq/gomq v0.0.0-20201031135124-cef4e507bb8e
	github.com/zeromq/gomq/zmtp v0.0.0-20201031135124-cef4e507bb8e
)

require (
	github.com/mattn/go-runewidth v0.0.9 // indirect
	github.com/tklauser/go-sysconf v0.4.0 // indirect
	github.com/tklauser/numcpus v0.12.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)
