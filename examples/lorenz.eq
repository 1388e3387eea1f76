# Lorenz 1963, J. Atmos. Sci. 20, 130-141, eqs. 25-27
# nullcline simulate examples/lorenz.eq --set sigma=10 --set rho=28 --set beta=2.6666666666666665 --initial x=1 --initial y=1 --initial z=1
dx/dt = sigma (y - x)
dy/dt = x (rho - z) - y
dz/dt = x y - beta z
