package result

// Floor is the contestant that no other can be faster than.
const Floor = "floor"

// Newest leaves out what was measured again in a later part: of each contestant and load, on each basis, only
// the newest part's rows stay, whole. Of the floor those stay that other rows of their part stand on.
func Newest(rows []Row) []Row {
	type load struct{ basis, contestant, workload string }
	type stand struct{ part, basis string }
	newest := make(map[load]string)
	for _, row := range rows {
		of := load{row.Basis, row.Contestant, row.Workload}
		newest[of] = max(newest[of], row.Part)
	}
	stood := make(map[stand]bool)
	isNewest := func(row Row) bool {
		return row.Part == newest[load{row.Basis, row.Contestant, row.Workload}]
	}
	for _, row := range rows {
		if row.Contestant != Floor && isNewest(row) {
			stood[stand{row.Part, row.Basis}] = true
		}
	}
	var kept []Row
	for _, row := range rows {
		isFloor := row.Contestant == Floor
		if isFloor && stood[stand{row.Part, row.Basis}] || !isFloor && isNewest(row) {
			kept = append(kept, row)
		}
	}
	return kept
}

// On are the rows of one basis.
func On(basis string, rows []Row) []Row {
	var kept []Row
	for _, row := range rows {
		if row.Basis == basis {
			kept = append(kept, row)
		}
	}
	return kept
}
