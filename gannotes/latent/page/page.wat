;; Two functions of pages with sliders, in float32. Places are in bytes; numbers of a row lie together.
;;
;; multiply: products[row, o] = Σ_k x[row, k] · weights[o, k], four rows and eight outputs at a time.
;; Rows and outputs are multiples of four and of eight; weights lie as (outputs / 8, depth, 8).
;;
;; scatter: adds each pixel's products, (tall, wide, filters) of them, to the pixels around its place.
;; Pixel (row, column) of (height, width) belongs at (row · down - above, column · across - before).
;;
;; Made into page.wasm and page_fused.wasm by scripts/build_kernel.py.
(module
  (memory (export "memory") 1)
  (func (export "multiply")
    (param $x i32) (param $rows i32) (param $depth i32)
    (param $weights i32) (param $outputs i32) (param $products i32)
    (local $row i32) (local $o i32) (local $k i32) (local $w i32) (local $to i32)
    (local $x_pitch i32) (local $pitch i32)
    (local $p i32) (local $q i32) (local $r i32) (local $s i32)
    (local $w0 v128) (local $w1 v128) (local $a v128)
    (local $p0 v128) (local $p1 v128) (local $q0 v128) (local $q1 v128)
    (local $r0 v128) (local $r1 v128) (local $s0 v128) (local $s1 v128)
    (local.set $x_pitch (i32.shl (local.get $depth) (i32.const 2)))
    (local.set $pitch (i32.shl (local.get $outputs) (i32.const 2)))
    (loop $next_outputs
      (local.set $row (i32.const 0))
      (local.set $p (local.get $x))
      (local.set $to (i32.add (local.get $products) (i32.shl (local.get $o) (i32.const 2))))
      (loop $next_rows
        (local.set $q (i32.add (local.get $p) (local.get $x_pitch)))
        (local.set $r (i32.add (local.get $q) (local.get $x_pitch)))
        (local.set $s (i32.add (local.get $r) (local.get $x_pitch)))
        (local.set $w (local.get $weights))
        (local.set $k (local.get $depth))
        (local.set $p0 (v128.const f32x4 0 0 0 0)) (local.set $p1 (v128.const f32x4 0 0 0 0))
        (local.set $q0 (v128.const f32x4 0 0 0 0)) (local.set $q1 (v128.const f32x4 0 0 0 0))
        (local.set $r0 (v128.const f32x4 0 0 0 0)) (local.set $r1 (v128.const f32x4 0 0 0 0))
        (local.set $s0 (v128.const f32x4 0 0 0 0)) (local.set $s1 (v128.const f32x4 0 0 0 0))
        (loop $next_k
          (local.set $w0 (v128.load (local.get $w)))
          (local.set $w1 (v128.load offset=16 (local.get $w)))
          (local.set $a (v128.load32_splat (local.get $p)))
          (local.set $p0 (f32x4.add (local.get $p0) (f32x4.mul (local.get $a) (local.get $w0))))
          (local.set $p1 (f32x4.add (local.get $p1) (f32x4.mul (local.get $a) (local.get $w1))))
          (local.set $a (v128.load32_splat (local.get $q)))
          (local.set $q0 (f32x4.add (local.get $q0) (f32x4.mul (local.get $a) (local.get $w0))))
          (local.set $q1 (f32x4.add (local.get $q1) (f32x4.mul (local.get $a) (local.get $w1))))
          (local.set $a (v128.load32_splat (local.get $r)))
          (local.set $r0 (f32x4.add (local.get $r0) (f32x4.mul (local.get $a) (local.get $w0))))
          (local.set $r1 (f32x4.add (local.get $r1) (f32x4.mul (local.get $a) (local.get $w1))))
          (local.set $a (v128.load32_splat (local.get $s)))
          (local.set $s0 (f32x4.add (local.get $s0) (f32x4.mul (local.get $a) (local.get $w0))))
          (local.set $s1 (f32x4.add (local.get $s1) (f32x4.mul (local.get $a) (local.get $w1))))
          (local.set $p (i32.add (local.get $p) (i32.const 4)))
          (local.set $q (i32.add (local.get $q) (i32.const 4)))
          (local.set $r (i32.add (local.get $r) (i32.const 4)))
          (local.set $s (i32.add (local.get $s) (i32.const 4)))
          (local.set $w (i32.add (local.get $w) (i32.const 32)))
          (br_if $next_k (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
        (v128.store (local.get $to) (local.get $p0))
        (v128.store offset=16 (local.get $to) (local.get $p1))
        (local.set $to (i32.add (local.get $to) (local.get $pitch)))
        (v128.store (local.get $to) (local.get $q0))
        (v128.store offset=16 (local.get $to) (local.get $q1))
        (local.set $to (i32.add (local.get $to) (local.get $pitch)))
        (v128.store (local.get $to) (local.get $r0))
        (v128.store offset=16 (local.get $to) (local.get $r1))
        (local.set $to (i32.add (local.get $to) (local.get $pitch)))
        (v128.store (local.get $to) (local.get $s0))
        (v128.store offset=16 (local.get $to) (local.get $s1))
        (local.set $to (i32.add (local.get $to) (local.get $pitch)))
        (local.set $p (local.get $s))  ;; where the next four rows begin
        (br_if $next_rows
          (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 4))) (local.get $rows))))
      (local.set $weights (local.get $w))
      (br_if $next_outputs
        (i32.lt_u (local.tee $o (i32.add (local.get $o) (i32.const 8))) (local.get $outputs)))))

  (func (export "scatter")
    (param $products i32) (param $pitch i32) (param $height i32) (param $width i32)
    (param $to i32) (param $bottom i32) (param $right i32) (param $filters i32)
    (param $tall i32) (param $wide i32) (param $down i32) (param $across i32)
    (param $above i32) (param $before i32)
    (local $row i32) (local $column i32) (local $ky i32) (local $kx i32)
    (local $y i32) (local $x i32) (local $from i32) (local $place i32) (local $left i32)
    (loop $next_row
      (local.set $column (i32.const 0))
      (loop $next_column
        (local.set $from (local.get $products))
        (local.set $ky (i32.const 0))
        (loop $next_ky
          (local.set $y (i32.sub
            (i32.add (i32.mul (local.get $row) (local.get $down)) (local.get $ky))
            (local.get $above)))
          (local.set $kx (i32.const 0))
          (loop $next_kx
            (local.set $x (i32.sub
              (i32.add (i32.mul (local.get $column) (local.get $across)) (local.get $kx))
              (local.get $before)))
            (local.set $left (local.get $filters))
            (if (i32.and  ;; unsigned, a place below 0 is beyond the end
                (i32.lt_u (local.get $y) (local.get $bottom))
                (i32.lt_u (local.get $x) (local.get $right)))
              (then
                (local.set $place (i32.add (local.get $to) (i32.shl
                  (i32.mul
                    (i32.add (i32.mul (local.get $y) (local.get $right)) (local.get $x))
                    (local.get $filters))
                  (i32.const 2))))
                (block $few
                  (loop $next_four
                    (br_if $few (i32.lt_u (local.get $left) (i32.const 4)))
                    (v128.store (local.get $place) (f32x4.add
                      (v128.load (local.get $place)) (v128.load (local.get $from))))
                    (local.set $place (i32.add (local.get $place) (i32.const 16)))
                    (local.set $from (i32.add (local.get $from) (i32.const 16)))
                    (local.set $left (i32.sub (local.get $left) (i32.const 4)))
                    (br $next_four)))
                (block $none
                  (loop $next_one
                    (br_if $none (i32.eqz (local.get $left)))
                    (f32.store (local.get $place) (f32.add
                      (f32.load (local.get $place)) (f32.load (local.get $from))))
                    (local.set $place (i32.add (local.get $place) (i32.const 4)))
                    (local.set $from (i32.add (local.get $from) (i32.const 4)))
                    (local.set $left (i32.sub (local.get $left) (i32.const 1)))
                    (br $next_one)))))
            (local.set $from (i32.add (local.get $from) (i32.shl (local.get $left) (i32.const 2))))
            (br_if $next_kx
              (i32.lt_u (local.tee $kx (i32.add (local.get $kx) (i32.const 1))) (local.get $wide))))
          (br_if $next_ky
            (i32.lt_u (local.tee $ky (i32.add (local.get $ky) (i32.const 1))) (local.get $tall))))
        (local.set $products
          (i32.add (local.get $products) (i32.shl (local.get $pitch) (i32.const 2))))
        (br_if $next_column
          (i32.lt_u (local.tee $column (i32.add (local.get $column) (i32.const 1)))
            (local.get $width))))
      (br_if $next_row
        (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 1))) (local.get $height))))))
