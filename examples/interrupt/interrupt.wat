(module
  (func (export "forever") (loop $again (br $again))))
