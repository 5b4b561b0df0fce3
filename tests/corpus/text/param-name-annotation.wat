(module (func (param (@name "x") i32)))
